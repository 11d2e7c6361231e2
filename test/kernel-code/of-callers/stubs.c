/* Around the MSI and IOMMU callers of of_map_id: a device tree as properties, and loops that ask for a device. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint32_t __be32; typedef uint32_t phandle;
#define EXPORT_SYMBOL_GPL(name)
#define EXPORT_SYMBOL(name)
#define WARN_ON(condition) (condition)
#define be32_to_cpup(pointer) ntohl(*(pointer))
#define be32_to_cpu(value) ntohl(value)
#define cpu_to_be32(value) htonl(value)
#define pr_err(...) (void)0
#define pr_info(...) (void)0
#define pr_warn_once(...) (void)0
#define pr_debug(...) (void)0
#define dev_dbg(...) (void)0
#define MAX_PHANDLE_ARGS 16
#define EPROBE_DEFER 517
#define NO_IOMMU 1
#define NAMES 8

struct fwnode_handle { int unused; };
struct property { bool there; int length; __be32 cells[64]; };
struct device_node { struct fwnode_handle fwnode; u32 phandle; bool available, serves; struct property properties[NAMES]; };
static const char *const names[NAMES] = { "msi-map", "msi-map-mask", "iommu-map", "iommu-map-mask", "msi-parent",
  "iommus", "#msi-cells", "#iommu-cells" };
struct of_phandle_args { struct device_node *np; int args_count; uint32_t args[MAX_PHANDLE_ARGS]; };
struct device { struct device *parent; struct device_node *of_node; };
struct pci_dev { struct device dev; };
struct irq_domain { struct device_node node; };
enum irq_domain_bus_token { DOMAIN_BUS_PCI_MSI };
/* Nodes 0 to 2 are of the device, the bridge and the host bridge; the others can be named. */
static struct device_node nodes[8]; static int count;

static const void *of_get_property(const struct device_node *node, const char *name, int *length)
{
  if (node) for (int i = 0; i < NAMES; i++) if (!strcmp(names[i], name) && node->properties[i].there) {
    *length = node->properties[i].length;
    return node->properties[i].cells;
  }
  return NULL;
}

static int of_property_read_u32(const struct device_node *node, const char *name, u32 *value)
{
  int length;
  const __be32 *cells = of_get_property(node, name, &length);
  if (!cells) return -EINVAL;
  if (length < 4) return -EOVERFLOW;
  *value = ntohl(*cells);
  return 0;
}

static struct device_node *of_find_node_by_phandle(phandle handle)
{
  for (int i = 0; handle && i < count; i++) if (nodes[i].phandle == handle) return &nodes[i];
  return NULL;
}

static void of_node_put(const struct device_node *node) {}
#define of_node_get(node) (node)
#define of_fwnode_handle(node) (&(node)->fwnode)
static bool of_device_is_available(const struct device_node *node) { return node && node->available; }
static struct irq_domain *irq_find_matching_host(struct device_node *node, int token)
{
  return node && node->serves ? (struct irq_domain *)node : NULL;
}

/* One driver for all IOMMUs, which takes the first cell as Arm's SMMUv3 does; where there is none nobody set it. */
struct iommu_ops { int (*of_xlate)(struct device *, struct of_phandle_args *); void *owner; };
static struct { struct fwnode_handle *first, *other; int number; u32 ids[64]; bool without[64]; } spec;
static int add_id(struct device *device, struct of_phandle_args *args)
{
  spec.without[spec.number] = !args->args_count;
  spec.ids[spec.number++] = args->args[0];
  return 0;
}
static const struct iommu_ops driver = { add_id };
static const struct iommu_ops *iommu_ops_from_fwnode(struct fwnode_handle *fwnode) { return &driver; }
static int keep_first(struct fwnode_handle *fwnode)
{
  if (!spec.first) spec.first = fwnode;
  else if (spec.first != fwnode) spec.other = fwnode;
  return 0;
}
#define iommu_fwspec_init(device, fwnode, ...) keep_first(fwnode)
#define driver_deferred_probe_check_state(device) (-ENODEV)
#define try_module_get(owner) true
#define module_put(owner) (void)0
/* KERNEL */

static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }

static void print_spec(int error)
{
  if (error || !spec.first) { printf("none\n"); return; }
  printf("%s%u", spec.other ? "several " : "", ((struct device_node *)spec.first)->phandle);
  for (int i = 0; i < spec.number; i++) if (spec.without[i]) printf(" -"); else printf(" %u", spec.ids[i]);
  printf("\n");
}

int main(void)
{
  for (;;) {
    memset(nodes, 0, sizeof nodes);
    count = get();
    u32 links = get();
    for (int i = 0; i < count; i++) {
      nodes[i].phandle = get(); nodes[i].available = get(); nodes[i].serves = get();
      for (int name = 0; name < NAMES; name++) {
        struct property *property = &nodes[i].properties[name];
        u32 cells = get();
        property->there = cells; property->length = 4 * (cells - property->there);
        for (u32 cell = 1; cell < cells; cell++) property->cells[cell - 1] = htonl(get());
      }
    }
    struct device chain[3] = {};
    for (int i = 0; i < 3; i++) { chain[i].of_node = links >> i & 1 ? &nodes[i] : NULL; chain[i].parent = i < 2 ? &chain[i + 1] : NULL; }
    struct device *dev = &chain[0];
    struct device_node *host = &nodes[2];
    for (u32 asked = get(); asked--;) {
      u32 id = get(), wanted = get();
      bool served[8];
      for (int i = 0; i < count; i++) { served[i] = nodes[i].serves; nodes[i].serves = true; }
      struct device_node *found = (void *)of_msi_map_get_device_domain(dev, id, 0);
      for (int i = 0; i < count; i++) nodes[i].serves = served[i];
      printf("%u ", found ? found->phandle : 0);
      struct device_node *controller = &nodes[wanted];
#ifdef OF_MSI_XLATE
      printf("%u\n", of_msi_xlate(dev, &controller, id));
#else
      printf("%u\n", of_msi_map_id(dev, controller, id));
#endif
      struct of_pci_iommu_alias_info info = { .dev = dev, .np = host };
      u32 aliases = get(), alias[8];
      for (u32 i = 0; i < aliases; i++) alias[i] = get();
      memset(&spec, 0, sizeof spec);
      /* What pci_for_each_dma_alias does with the ids. */
      int error = 0;
      for (u32 i = 0; i < aliases && !error; i++) error = of_pci_iommu_init(NULL, alias[i], &info);
      print_spec(error);
    }
    for (int i = 0; i < 3; i++) {
      struct device_node *found = (void *)of_msi_get_domain(dev, &nodes[i], 0);
      printf("%u\n", found ? found->phandle : 0);
      memset(&spec, 0, sizeof spec);
      print_spec(of_iommu_configure_dev(&nodes[i], dev));
    }
  }
}
