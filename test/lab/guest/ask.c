/*
 * ask                 Asks the running kernel, through VFIO and iommufd, what it makes of every PCI function, and prints the
 *                     answers as JSON (src/selftest/oracle.ts). Takes the functions from their drivers: for guests only.
 * ask --bind          Binds every endpoint that has a group to vfio-pci, and asks nothing.
 * ask --debug-port    Copies standard input to QEMU's debug port (x86).
 *
 * Meanwhile the kernel's own predicates are watched with kprobes. What is recorded of each function, once with
 * allow_unsafe_interrupts off (strict) and once with it on, is the first step that failed, and how.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __x86_64__
#include <sys/io.h>
#endif

#define FUNCTIONS "/sys/bus/pci/devices"
#define TRACING "/sys/kernel/tracing"
#define LENGTH 300

/* include/uapi/linux/vfio.h, include/uapi/linux/iommufd.h: their numbers never change, their headers may be too old here. */
#define VFIO(number) _IO(';', number)
enum { SET_IOMMU = 102, GROUP_STATUS = 103, SET_CONTAINER = 104, GET_DEVICE = 106, BIND_IOMMUFD = 118, ATTACH = 119, IOAS_ALLOC = 0x81 };
enum { TYPE1v2 = 3, VIABLE = 1 };

struct function {
	char address[32], group[16], physical[32];
	bool bridge, iommu, asked;
};
static struct function functions[256];
static int count;

struct step {
	const char *stage; /* NULL when all went well */
	int error;
};

/* ---- files ---------------------------------------------------------------------------------------------------------------- */

static const char *path(const char *directory, const char *name, const char *attribute)
{
	static char text[4][LENGTH];
	static int next;
	char *result = text[next++ % 4];
	snprintf(result, LENGTH, "%s/%s/%s", directory, name, attribute);
	return result;
}

/* The first line of a file; empty when it cannot be read. */
static char *line(const char *file)
{
	static char text[LENGTH];
	FILE *stream = fopen(file, "re");
	if (!stream || !fgets(text, sizeof text, stream))
		text[0] = 0;
	if (stream)
		fclose(stream);
	text[strcspn(text, "\n")] = 0;
	return text;
}

/* What a link leads to, its last part; empty when there is none. */
static const char *target(const char *link)
{
	static char text[LENGTH];
	ssize_t length = readlink(link, text, sizeof text - 1);
	text[length < 0 ? 0 : length] = 0;
	char *slash = strrchr(text, '/');
	return slash ? slash + 1 : text;
}

/* Writes text into a file; the error, or 0. */
static int put(const char *file, const char *text, int flags)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC | flags);
	if (fd < 0)
		return errno;
	int error = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return error;
}

static bool there(const char *file) { return access(file, F_OK) == 0; }

/* ---- functions and their drivers ------------------------------------------------------------------------------------------ */

static int by_address(const void *a, const void *b)
{
	return strcmp(((const struct function *)a)->address, ((const struct function *)b)->address);
}

static void look(void)
{
	DIR *directory = opendir(FUNCTIONS);
	struct dirent *entry;
	while (directory && (entry = readdir(directory)) && count < 256) {
		if (entry->d_name[0] == '.')
			continue;
		struct function *at = &functions[count++];
		snprintf(at->address, sizeof at->address, "%.31s", entry->d_name);
		snprintf(at->group, sizeof at->group, "%.15s", target(path(FUNCTIONS, at->address, "iommu_group")));
		snprintf(at->physical, sizeof at->physical, "%.31s", target(path(FUNCTIONS, at->address, "physfn")));
		unsigned char header[16] = { 0 };
		FILE *config = fopen(path(FUNCTIONS, at->address, "config"), "re");
		at->bridge = !config || fread(header, sizeof header, 1, config) != 1 || (header[14] & 0x7f) != 0;
		if (config)
			fclose(config);
		/* Base class 08, subclass 06 is an IOMMU (PCI Code and ID Assignment); 1af4:1057 is virtio-iommu. */
		at->iommu = (header[11] == 8 && header[10] == 6) || !memcmp(header, "\xf4\x1a\x57\x10", 4);
	}
	qsort(functions, count, sizeof functions[0], by_address);
}

static void unbind(const char *address)
{
	if (there(path(FUNCTIONS, address, "driver")))
		put(path(FUNCTIONS, address, "driver/unbind"), address, 0);
}

static int bind(const char *address)
{
	if (!strcmp(target(path(FUNCTIONS, address, "driver")), "vfio-pci"))
		return 0;
	put(path(FUNCTIONS, address, "sriov_numvfs"), "0", 0);
	unbind(address);
	int error = put(path(FUNCTIONS, address, "driver_override"), "vfio-pci", 0);
	return error ? error : put("/sys/bus/pci/drivers/vfio-pci/bind", address, 0);
}

/* ---- the two ways in ------------------------------------------------------------------------------------------------------ */

#define TRY(expression, name) do { if ((expression) < 0) { step = (struct step){ name, errno }; goto out; } } while (0)

/* The group in a container of VFIO, or of iommufd in its place. */
static struct step through_group(const char *container_node, const char *group, const char *address, bool *viable)
{
	struct step step = { NULL, 0 };
	struct { uint32_t size, flags; } status = { sizeof status, 0 };
	char node[LENGTH];
	int opened = -1, device = -1, container = -1;
	snprintf(node, sizeof node, "/dev/vfio/%s", group);
	TRY(container = open(container_node, O_RDWR | O_CLOEXEC), "open container");
	TRY(opened = open(node, O_RDWR | O_CLOEXEC), "open /dev/vfio/GROUP");
	TRY(ioctl(opened, VFIO(GROUP_STATUS), &status), "VFIO_GROUP_GET_STATUS");
	*viable = status.flags & VIABLE;
	TRY(ioctl(opened, VFIO(SET_CONTAINER), &container), "VFIO_GROUP_SET_CONTAINER");
	TRY(ioctl(container, VFIO(SET_IOMMU), TYPE1v2), "VFIO_SET_IOMMU");
	TRY(device = ioctl(opened, VFIO(GET_DEVICE), address), "VFIO_GROUP_GET_DEVICE_FD");
out:
	if (device >= 0) close(device);
	if (opened >= 0) close(opened);
	if (container >= 0) close(container);
	return step;
}

/* The character device of the function, bound to iommufd and attached to an address space. */
static struct step through_iommufd(const char *address)
{
	struct step step = { NULL, 0 };
	char node[LENGTH] = "";
	int iommu = -1, device = -1;
	DIR *directory = opendir(path(FUNCTIONS, address, "vfio-dev"));
	struct dirent *entry;
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.')
			snprintf(node, sizeof node, "/dev/vfio/devices/%.60s", entry->d_name);
	if (directory)
		closedir(directory);
	struct { uint32_t size, flags; int32_t iommufd; uint32_t id; } binding = { sizeof binding, 0, -1, 0 };
	struct { uint32_t size, flags, id; } space = { sizeof space, 0, 0 };
	TRY(iommu = open("/dev/iommu", O_RDWR | O_CLOEXEC), "open /dev/iommu");
	TRY(device = open(node, O_RDWR | O_CLOEXEC), "open /dev/vfio/devices/vfioN");
	binding.iommufd = iommu;
	TRY(ioctl(device, VFIO(BIND_IOMMUFD), &binding), "VFIO_DEVICE_BIND_IOMMUFD");
	TRY(ioctl(iommu, VFIO(IOAS_ALLOC), &space), "IOMMU_IOAS_ALLOC");
	struct { uint32_t size, flags, space; } attachment = { sizeof attachment, 0, space.id };
	TRY(ioctl(device, VFIO(ATTACH), &attachment), "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
out:
	if (device >= 0) close(device);
	if (iommu >= 0) close(iommu);
	return step;
}

/* ---- what the kernel's predicates return ---------------------------------------------------------------------------------- */

/* A kprobe on entry, where the argument tells whom it is asked about: dev->kobj.name, and one on return. */
static const struct { const char *predicate, *entry; } watched[] = {
	{ "msi_device_has_isolated_msi", "name=+0(+0($arg1)):string" },
	{ "iommu_group_has_isolated_msi", NULL },
	{ "irq_domain_check_msi_remap", NULL },
	{ "device_iommu_capable", "name=+0(+0($arg1)):string capability=$arg2:u32" },
};
#define WATCHED (sizeof watched / sizeof watched[0])
static bool watching[WATCHED];

static void watch(void)
{
	char text[LENGTH];
	for (unsigned i = 0; i < WATCHED; i++) {
		snprintf(text, sizeof text, "r:lab/r%u %s value=$retval:u8", i, watched[i].predicate);
		watching[i] = put(TRACING "/kprobe_events", text, O_APPEND) == 0;
		if (!watched[i].entry)
			continue;
		snprintf(text, sizeof text, "p:lab/e%u %s %s", i, watched[i].predicate, watched[i].entry);
		watching[i] &= put(TRACING "/kprobe_events", text, O_APPEND) == 0;
	}
	put(TRACING "/events/lab/enable", "1", 0);
}

/* {"predicate(argument)": value} of the trace; of several calls the last one stands, as JSON.parse takes it. */
static void print_predicates(void)
{
	char text[1024], argument[WATCHED][64] = { "" };
	const char *comma = "";
	FILE *trace = fopen(TRACING "/trace", "re");
	putchar('{');
	while (trace && fgets(text, sizeof text, trace)) {
		for (unsigned i = 0; i < WATCHED && text[0] != '#'; i++) {
			char entry[16], result[16], name[48] = "", *found;
			unsigned capability;
			snprintf(entry, sizeof entry, ": e%u: ", i);
			snprintf(result, sizeof result, ": r%u: ", i);
			if (strstr(text, entry) && (found = strstr(text, "name=\""))) {
				sscanf(found, "name=\"%47[^\"]\"", name);
				found = strstr(text, "capability=");
				if (found && sscanf(found, "capability=%u", &capability) == 1)
					snprintf(argument[i], sizeof argument[i], "(%s,%u)", name, capability);
				else
					snprintf(argument[i], sizeof argument[i], "(%s)", name);
			} else if (strstr(text, result) && (found = strstr(text, "value="))) {
				bool value = strtoul(found + 6, NULL, 0) != 0;
				printf("%s\"%s%s\":%s", comma, watched[i].predicate, argument[i], value ? "true" : "false");
				comma = ",";
			}
		}
	}
	if (trace)
		fclose(trace);
	putchar('}');
}

/* ---- answers -------------------------------------------------------------------------------------------------------------- */

static const char *PARAMETERS[] = { "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts",
				    "/sys/module/iommufd/parameters/allow_unsafe_interrupts" };

static void print_string(const char *text)
{
	if (text && *text)
		printf("\"%s\"", text);
	else
		printf("null");
}

static const char *error_name(int error)
{
	/* What a bind of a function that waits for its IOMMU returned before it was made EAGAIN: include/linux/errno.h. */
	return error == 0 ? "OK" : error == 517 ? "EPROBE_DEFER" : strerrorname_np(error);
}

static void print_step(const char *name, struct step step)
{
	printf("\"%s\":{\"errno\":%d,\"error\":\"%s\",\"stage\":", name, step.error, error_name(step.error));
	print_string(step.stage);
	putchar('}');
}

static void print_round(const char *name, const char *parameter, const struct function *at, bool *viable)
{
	for (int i = 0; i < 2; i++)
		put(PARAMETERS[i], parameter, 0);
	put(TRACING "/trace", "", O_TRUNC);
	printf(",\"%s\":{", name);
	print_step("legacy", through_group("/dev/vfio/vfio", at->group, at->address, viable));
	if (there("/dev/iommu")) {
		putchar(',');
		print_step("iommufd", through_iommufd(at->address));
	} else
		printf(",\"iommufd\":null");
	printf(",\"kernel_predicates\":");
	print_predicates();
	putchar('}');
}

static void print_head(struct function *at)
{
	static const char *comma = "\n";
	printf("%s{\"bdf\":\"%s\",\"group\":", comma, at->address);
	print_string(at->group);
	comma = ",\n";
	at->asked = true;
}

static void ask(struct function *at, int bound, const char *note)
{
	char booted[2][8];
	bool viable = false;
	print_head(at);
	printf(",\"note\":");
	print_string(note);
	printf(",\"bind_vfio_pci\":{\"errno\":%d,\"error\":\"%s\"}", bound, error_name(bound));
	if (at->group[0]) {
		for (int i = 0; i < 2; i++)
			snprintf(booted[i], sizeof booted[i], "%.7s", line(PARAMETERS[i]));
		print_round("strict", "N", at, &viable);
		print_round("unsafe_allowed", "Y", at, &viable);
		for (int i = 0; i < 2; i++)
			put(PARAMETERS[i], booted[i], 0);
	}
	putchar('}');
	fflush(stdout);
}

/*
 * All functions of a group are bound, then asked. A driver of a bridge that does DMA of its own (shpchp, unlike pcieport)
 * keeps the group from being viable: it goes as well, since the question is about the MSIs.
 */
static void ask_group(const char *group, bool physical_too)
{
	int bound[256];
	for (int i = 0; i < count; i++) {
		struct function *at = &functions[i];
		bound[i] = -1;
		if (at->asked || at->bridge || at->iommu || strcmp(at->group, group))
			continue;
		if (physical_too || at->physical[0])
			bound[i] = bind(at->address);
	}
	for (int i = 0; i < count; i++)
		if (functions[i].bridge && !strcmp(functions[i].group, group) &&
		    strcmp(target(path(FUNCTIONS, functions[i].address, "driver")), "pcieport"))
			unbind(functions[i].address);
	for (int i = 0; i < count; i++)
		if (bound[i] >= 0)
			ask(&functions[i], bound[i], NULL);
	for (int i = 0; i < count; i++)
		if (bound[i] >= 0 && !physical_too)
			unbind(functions[i].address);
}

static void ask_all(void)
{
	/* Virtual functions first: they vanish with their physical function's driver. */
	for (int i = 0; i < count; i++)
		if (functions[i].physical[0] && functions[i].group[0] && !functions[i].asked)
			ask_group(functions[i].group, false);
	for (int i = 0; i < count; i++)
		if (functions[i].group[0] && !functions[i].asked && !functions[i].bridge && !functions[i].iommu)
			ask_group(functions[i].group, true);
	/* Before 6.15 a function that never had a driver joins its group only when vfio-pci is bound. */
	int late[256];
	for (int i = 0; i < count; i++) {
		struct function *at = &functions[i];
		if (at->asked || at->bridge || at->iommu || !there(path(FUNCTIONS, at->address, "vendor")))
			continue;
		late[i] = bind(at->address);
		snprintf(at->group, sizeof at->group, "%.15s", target(path(FUNCTIONS, at->address, "iommu_group")));
		if (!at->group[0])
			ask(at, late[i], "no IOMMU group");
	}
	for (int i = 0; i < count; i++) {
		struct function *at = &functions[i];
		if (!at->asked && !at->bridge && !at->iommu && there(path(FUNCTIONS, at->address, "vendor")))
			ask(at, late[i], "joined its group when vfio-pci was bound");
	}
}

static int copy_to_debug_port(void)
{
#ifdef __x86_64__
	static char bytes[65536];
	size_t length;
	if (ioperm(0xe9, 1, 1))
		return 1;
	while ((length = fread(bytes, 1, sizeof bytes, stdin)) > 0)
		outsb(0xe9, bytes, length);
#endif
	return 0;
}

int main(int words, char **word)
{
	if (words > 1 && !strcmp(word[1], "--debug-port"))
		return copy_to_debug_port();
	look();
	if (words > 1 && !strcmp(word[1], "--bind")) {
		for (int i = 0; i < count; i++)
			if (functions[i].group[0] && !functions[i].bridge && !functions[i].iommu)
				bind(functions[i].address);
		return 0;
	}
	struct utsname name;
	uname(&name);
	watch();
	printf("{\"kernel\":\"%s\",\"params_as_booted\":{\"vfio_iommu_type1.allow_unsafe_interrupts\":", name.release);
	print_string(line(PARAMETERS[0]));
	printf(",\"iommufd.allow_unsafe_interrupts\":");
	print_string(line(PARAMETERS[1]));
	printf("},\"nodes\":{\"/dev/vfio/vfio\":%s,\"/dev/iommu\":%s},\"kprobes\":{", there("/dev/vfio/vfio") ? "true" : "false",
	       there("/dev/iommu") ? "true" : "false");
	for (unsigned i = 0; i < WATCHED; i++)
		printf("%s\"%s\":%s", i ? "," : "", watched[i].predicate, watching[i] ? "true" : "false");
	printf("},\"devices\":[");
	for (int i = 0; i < count; i++)
		if (functions[i].iommu || functions[i].bridge) {
			print_head(&functions[i]);
			printf(",\"skipped\":\"%s\"}", functions[i].iommu ? "provides the IOMMU" : "bridge");
		}
	ask_all();
	printf("\n]}\n");
	return 0;
}
