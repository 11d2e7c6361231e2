/* Around iort_node_map_id: types and helpers of the kernel, as far as it uses them, and a loop that asks it. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64; typedef _Bool bool;
#define true 1
#define false 0
typedef int acpi_status;
#define AE_OK 0
#define AE_NOT_FOUND 5
#define ACPI_SUCCESS(status) (!(status))
#define ACPI_ADD_PTR(type, base, offset) ((type *)((u8 *)(base) + (size_t)(offset)))
#define ACPI_FLEX_ARRAY(type, name) type name[]
#define ACPI_NAMESEG_SIZE 4
#define FW_BUG ""
#define pr_err(...) (void)0
#define pr_warn(...) (void)0
#define TAINT_FIRMWARE_WORKAROUND 0
#define WARN_TAINT(condition, ...) (condition)
#define __maybe_unused __attribute__((unused))
#pragma pack(push, 1)
struct acpi_table_header { char signature[4]; u32 length; u8 revision, checksum; char oem_id[6], oem_table_id[8]; u32 oem_revision; char asl_compiler_id[4]; u32 asl_compiler_revision; };
/* TABLES */
#pragma pack(pop)
#define IORT_TYPE_MASK(type) (1 << (type))
#define IORT_MSI_TYPE (1 << ACPI_IORT_NODE_ITS_GROUP)
#define IORT_IOMMU_TYPE ((1 << ACPI_IORT_NODE_SMMU) | (1 << ACPI_IORT_NODE_SMMU_V3))
static struct acpi_table_header *iort_table;
typedef acpi_status (*iort_find_node_callback)(struct acpi_iort_node *node, void *context);
/* KERNEL */

static acpi_status match_segment(struct acpi_iort_node *node, void *context)
{
  struct acpi_iort_root_complex *rc = (void *)node->node_data;
  return rc->pci_segment_number == *(u32 *)context ? AE_OK : AE_NOT_FOUND;
}

static sigjmp_buf out;
static void caught(int signal) { siglongjmp(out, signal); }
static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }

int main(void)
{
  /* Every 32-bit reference stays inside, and reads as zeros. */
  u8 *base = mmap(0, 10ull << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) { perror("mmap"); return 1; }
  signal(SIGVTALRM, caught); signal(SIGSEGV, caught);
  for (;;) {
    u32 length = get(), queries = get();
    if (fread(base, 1, length, stdin) != length) return 0;
    iort_table = (void *)base;
    while (queries--) {
      u32 segment = get(), rid = get(), iommu = get(), id = rid;
      struct acpi_iort_node *node = 0;
      int jumped = sigsetjmp(out, 1);
      if (jumped) { printf("%s\n", jumped == SIGVTALRM ? "loop" : "fault"); continue; }
      setitimer(ITIMER_VIRTUAL, &(struct itimerval){{0, 0}, {0, 4000}}, 0);
      struct acpi_iort_node *rc = iort_scan_node(ACPI_IORT_NODE_PCI_ROOT_COMPLEX, match_segment, &segment);
      if (rc) node = iort_node_map_id(rc, rid, &id, iommu ? IORT_IOMMU_TYPE : IORT_MSI_TYPE);
      setitimer(ITIMER_VIRTUAL, &(struct itimerval){{0, 0}, {0, 0}}, 0);
      if (!rc) { printf("no-root-complex\n"); continue; }
      if (!node) { printf("none\n"); continue; }
      size_t at = (u8 *)node - base;
      printf("%zu %u", at, id);
      struct acpi_iort_its_group *group = (void *)node->node_data;
      if (!iommu && at + 24 <= length) printf(" %u", group->its_count ? group->identifiers[0] : 0xffffffff);
      printf("\n");
    }
    memset(base, 0, length);
  }
}
