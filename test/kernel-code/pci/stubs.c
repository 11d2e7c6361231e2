/* Around the PCI walks: devices, buses and configuration space as far as they look at them, and a loop that asks them. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;
typedef int acpi_status; typedef long ktime_t;
#define CONFIG_ACPI 1
#define CONFIG_PCI_IOV 1
#define unlikely(condition) (condition)
#define min(left, right) ((left) < (right) ? (left) : (right))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define FIELD_GET(mask, value) (((value) & (mask)) / ((mask) & -(mask)))
#define EXPORT_SYMBOL_GPL(name)
#define WARN_ON(condition) (condition)
#define ERR_PTR(error) ((void *)(long)(error))
#define GFP_KERNEL 0
#define pci_info(...) (void)0
#define pci_warn(...) (void)0
#define ACPI_FAILURE(status) (status)
#define PCI_ANY_ID (~0)
#define PCI_DEVFN(slot, func) ((((slot) & 0x1f) << 3) | ((func) & 7))
#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn) & 7)
#define PCI_DEVID(bus, devfn) ((((u16)(bus)) << 8) | (devfn))
#define PCI_BUS_NUM(id) (((id) >> 8) & 0xff)
#define MAX_NR_DEVFNS 256
#define LONG_BITS (8 * sizeof(long))

struct acpi_table_header;
struct iommu_group { int label; };
struct device { struct iommu_group *iommu_group; };
struct pci_sysdata { struct pci_dev *vmd_dev; };
struct pci_bus { struct pci_bus *parent; struct pci_dev *self; int number; u32 domain; struct pci_sysdata sysdata; };
struct pci_dev {
  struct device dev;
  struct pci_bus *bus, *subordinate;
  struct pci_dev *physfn;
  unsigned devfn;
  u16 vendor, device, subsystem_vendor, subsystem_device, pcie_flags_reg, acs_cap, acs_capabilities, dev_flags;
  u32 class, devcap;
  u8 hdr_type, pcie_cap, pcie_mpss, supported_speeds;
  bool multifunction, is_virtfn, link_active_reporting;
  unsigned long *dma_alias_mask;
  /* What configuration space and registers say. */
  u32 express, express_flags, acs_there, acs, acs_control, registers;
};
struct pci_device_id { u32 vendor, device, subvendor, subdevice; unsigned long driver_data; };
#define PCI_DEVICE_SUB(vendor_, device_, subvendor_, subdevice_) \
  .vendor = (vendor_), .device = (device_), .subvendor = (subvendor_), .subdevice = (subdevice_)
#define to_pci_dev(device) ((struct pci_dev *)(device))
#define dev_is_pci(device) true
#define to_pci_sysdata(bus) (&(bus)->sysdata)
#define is_vmd(bus) (to_pci_sysdata(bus)->vmd_dev != NULL)

static struct pci_dev devices[256]; static int count; static bool has_ivrs;
static struct pci_bus buses[256];

static bool test_bit(unsigned bit, const unsigned long *map) { return map[bit / LONG_BITS] >> (bit % LONG_BITS) & 1; }
static void bitmap_set(unsigned long *map, unsigned from, unsigned number)
{
  while (number--) { map[from / LONG_BITS] |= 1ul << (from % LONG_BITS); from++; }
}
static bool test_and_set_bit(unsigned bit, unsigned long *map)
{
  bool was = test_bit(bit, map);
  bitmap_set(map, bit, 1);
  return was;
}
#define bitmap_zalloc(bits, flags) calloc((bits) / LONG_BITS, sizeof(long))
#define for_each_set_bit(bit, map, size) for ((bit) = 0; (bit) < (size); (bit)++) if (test_bit(bit, map))

static struct pci_dev *next_device(struct pci_dev *after)
{
  int index = after ? after - devices + 1 : 0;
  return index < count ? &devices[index] : NULL;
}
#define for_each_pci_dev(device) while (((device) = next_device(device)) != NULL)
static void pci_dev_put(struct pci_dev *device) {}

static struct iommu_group *iommu_group_get(struct device *device) { return device->iommu_group; }
static struct iommu_group made[256]; static int made_count;
static struct iommu_group *iommu_group_alloc(void) { return &made[made_count++]; }

static int pci_find_capability(struct pci_dev *device, int id) { return device->express ? 0x40 : 0; }
static int pci_find_ext_capability(struct pci_dev *device, int id) { return device->acs_there ? 0x100 : 0; }
static u32 read_configuration(struct pci_dev *device, int at)
{
  switch (at) {
  case 0x42: return device->express_flags;
  case 0x104: return device->acs | device->acs_control << 16;
  case 0x106: return device->acs_control;
  case 0x108: return device->registers;
  }
  return 0;
}
#define pci_read_config_word(device, at, value) (*(value) = (u16)read_configuration(device, at))
#define pci_read_config_dword(device, at, value) (*(value) = read_configuration(device, at))
#define pcie_capability_read_dword(device, at, value) (*(value) = 0)
#define pcie_get_supported_speeds(device) 0
#define pci_enable_rrs_sv(device) (void)0

static acpi_status acpi_get_table(const char *name, int instance, struct acpi_table_header **header) { return !has_ivrs; }
static void acpi_put_table(struct acpi_table_header *header) {}
static ktime_t fixup_debug_start(struct pci_dev *device, void *hook) { return 0; }
static void fixup_debug_report(struct pci_dev *device, ktime_t start, void *hook) {}
static const struct pci_device_id *pci_match_id(const struct pci_device_id *id, struct pci_dev *device)
{
  for (; id->vendor; id++)
    if (id->vendor == device->vendor && id->device == device->device && id->subvendor == device->subsystem_vendor &&
        id->subdevice == device->subsystem_device) return id;
  return NULL;
}

static void pci_add_dma_alias(struct pci_dev *dev, u8 devfn_from, unsigned nr_devfns);
/* Its aliases stand in the device's own registers: some, as drawn. */
static void quirk_switchtec_ntb_dma_alias(struct pci_dev *device)
{
  if (device->registers & 1) pci_add_dma_alias(device, device->registers >> 8, 1);
}

#define PASTE_(left, right) left##right
#define PASTE(left, right) PASTE_(left, right)
#define FIXUP(vendor, device, class, shift, hook) \
  static const struct pci_fixup PASTE(fixup_, __COUNTER__) __attribute__((used, section("fixups"), aligned(8))) = \
    { vendor, device, class, shift, hook };
#define DECLARE_PCI_FIXUP_HEADER(vendor, device, hook) FIXUP(vendor, device, PCI_ANY_ID, 0, hook)
#define DECLARE_PCI_FIXUP_FINAL(vendor, device, hook) FIXUP(vendor, device, PCI_ANY_ID, 0, hook)
#define DECLARE_PCI_FIXUP_CLASS_FINAL(vendor, device, class, shift, hook) FIXUP(vendor, device, class, shift, hook)
/* KERNEL */
extern struct pci_fixup __start_fixups[], __stop_fixups[];

static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }
static int print_alias(struct pci_dev *device, u16 alias, void *data)
{
  printf(" %d:%u", (int)(device - devices), alias);
  return 0;
}

static void print_group(struct iommu_group *group)
{
  if (group >= made && group < made + 256) printf("new %d\n", group->label);
  else printf("%d\n", group->label);
}

static void read_machine(void)
{
  for (int i = 0; i < count; i++) free(devices[i].dma_alias_mask);
  memset(devices, 0, sizeof devices); memset(buses, 0, sizeof buses); made_count = 0;
  count = get(); has_ivrs = get();
  for (int i = 0, bus_count = get(); i < bus_count; i++) {
    struct pci_bus *bus = &buses[i];
    u32 parent = get(), self = get(); bus->number = get(); bus->domain = get(); u32 vmd = get();
    bus->parent = parent ? &buses[parent - 1] : NULL;
    bus->self = self ? &devices[self - 1] : NULL;
    bus->sysdata.vmd_dev = vmd ? &devices[vmd - 1] : NULL;
  }
  static struct iommu_group given[16];
  for (int i = 0; i < count; i++) {
    struct pci_dev *dev = &devices[i];
    dev->bus = &buses[get()]; dev->devfn = get(); dev->vendor = get(); dev->device = get();
    dev->subsystem_vendor = get(); dev->subsystem_device = get(); dev->class = get(); dev->hdr_type = get();
    bool bit = get(); dev->express = get(); dev->express_flags = get() << 4;
    u32 below = get(); dev->subordinate = below ? &buses[below - 1] : NULL;
    dev->acs_there = get(); dev->acs = get(); dev->acs_control = get(); dev->registers = get();
    u32 physfn = get(); dev->is_virtfn = physfn; dev->physfn = physfn ? &devices[physfn - 1] : NULL;
    u32 group = get(); given[group].label = group; dev->dev.iommu_group = group ? &given[group] : NULL;
    /* K: pci_setup_device, pci_scan_slot, pci_iov_add_virtfn. */
    dev->multifunction = !physfn && (bit || PCI_FUNC(dev->devfn));
    set_pcie_port_type(dev);
    if (dev->registers & 2) dev->dev_flags |= PCI_DEV_FLAGS_ACS_ENABLED_QUIRK;
#ifdef ACS_IS_KEPT
    pci_acs_init(dev);
#else
    dev->acs_cap = pci_find_ext_capability(dev, PCI_EXT_CAP_ID_ACS);
#endif
    pci_do_fixups(dev, __start_fixups, __stop_fixups);
  }
}

int main(int arguments, char **argument)
{
  if (arguments > 1) {
    for (struct pci_fixup *fixup = __start_fixups; fixup < __stop_fixups; fixup++)
      printf("%u %u\n", fixup->vendor, fixup->device);
    for (const struct pci_dev_acs_enabled *entry = pci_dev_acs_enabled; entry->acs_enabled; entry++)
      printf("%u %u\n", entry->vendor, entry->device);
    return 0;
  }
  for (;;) {
    u32 question = get();
    read_machine();
    for (int i = 0; i < count; i++) {
      struct pci_dev *dev = &devices[i];
      u32 id = pci_dev_id(dev);
      switch (question) {
      case 0:
        pci_for_each_dma_alias(dev, get_msi_id_cb, &id);
        printf("%u", id);
        pci_for_each_dma_alias(dev, print_alias, NULL);
        printf("\n");
        break;
      case 1:
        /* A bus that was made for virtual functions has no bridge to go on from. */
        printf("%d %d\n", pci_acs_enabled(dev, REQ_ACS_FLAGS),
          !pci_is_root_bus(dev->bus) && !dev->bus->self ? 2 : pci_acs_path_enabled(dev, NULL, REQ_ACS_FLAGS));
        break;
      case 2: case 3: {
        if (dev->dev.iommu_group) { print_group(dev->dev.iommu_group); break; }
        struct iommu_group *group = pci_device_group(&dev->dev);
        if (group >= made && group < made + 256 && group == &made[made_count - 1] && !group->label) group->label = i + 1;
        print_group(group);
        if (question == 3) dev->dev.iommu_group = group;
        else memset(made, 0, sizeof made), made_count = 0;
      }
      }
    }
    memset(made, 0, sizeof made);
  }
}
