/* Around of_map_id: a device tree of as many properties as it asks for, and a loop that asks it. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint32_t u32; typedef uint32_t __be32; typedef uint8_t u8;
#define EXPORT_SYMBOL_GPL(name)
#define be32_to_cpup(pointer) ntohl(*(pointer))
#define be32_to_cpu(value) ntohl(value)
#define cpu_to_be32(value) htonl(value)
#define pr_err(...) (void)0
#define pr_info(...) (void)0
#define pr_warn_once(...) (void)0
#define pr_debug(...) (void)0
#define MAX_PHANDLE_ARGS 16
struct device_node { u32 phandle; int has_cells; u32 cells; __be32 *map; int len; int has_mask; u32 mask; };
struct of_phandle_args { struct device_node *np; int args_count; uint32_t args[MAX_PHANDLE_ARGS]; };
static struct device_node nodes[16]; static int count;

static const void *of_get_property(const struct device_node *node, const char *name, int *length)
{
  if (!node->map) return 0;
  *length = node->len;
  return node->map;
}

static int of_property_read_u32(const struct device_node *node, const char *name, u32 *value)
{
  bool mask = strstr(name, "mask");
  if (!(mask ? node->has_mask : node->has_cells)) return -EINVAL;
  *value = mask ? node->mask : node->cells;
  return 0;
}

static struct device_node *of_find_node_by_phandle(u32 phandle)
{
  for (int i = 0; phandle && i < count; i++) if (nodes[i].phandle == phandle) return &nodes[i];
  return 0;
}

static void of_node_put(struct device_node *node) {}
/* KERNEL */

static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }

int main(void)
{
  for (;;) {
    static __be32 map[4096];
    struct device_node np = {0};
    u32 cells = get();
    for (u32 i = 0; i < cells; i++) map[i] = htonl(get());
    np.map = map; np.len = cells * 4; np.has_mask = get(); np.mask = get(); count = get();
    for (int i = 0; i < count; i++) { nodes[i].phandle = get(); nodes[i].has_cells = get(); nodes[i].cells = get(); }
    u32 queries = get();
    while (queries--) {
      u32 id = get(), iommu = get();
      const char *name = iommu ? "iommu-map" : "msi-map", *mask = iommu ? "iommu-map-mask" : "msi-map-mask";
#ifdef CELLS_NAME
      struct of_phandle_args found = {0};
      int result = of_map_id(&np, id, name, iommu ? "#iommu-cells" : "#msi-cells", mask, 0, &found);
      printf("%d %u %u %d\n", result, found.np ? found.np->phandle : 0, found.args[0], found.args_count);
#else
      struct device_node *target = 0; u32 out = 0;
      int result = of_map_id(&np, id, name, mask, &target, &out);
      printf("%d %u %u 1\n", result, target ? target->phandle : 0, out);
#endif
    }
  }
}
