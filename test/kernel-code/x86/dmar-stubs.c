/* Around parse_ioapics_under_ir: the units of a DMAR table and the IO-APICs of a machine, and a loop that asks it. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;
#define __init
#define FW_BUG ""
#define pr_err(...) (void)0
#define pr_info(...) (void)0
#define pr_warn(...) (void)0
#define PCI_SECONDARY_BUS 0x19
#define PCI_DEVFN(slot, func) ((((slot) & 0x1f) << 3) | ((func) & 7))
/* K: arch/x86/include/asm/apicdef.h, 64 bits. */
#define MAX_IO_APICS 128
#define read_pci_config_byte(bus, device, function, at) 0
#pragma pack(push, 1)
/* TABLES */
#pragma pack(pop)
struct intel_iommu { u64 ecap; int seq_id; };
struct dmar_drhd_unit { struct acpi_dmar_header *hdr; struct intel_iommu *iommu; };
#define ecap_ir_support(ecap) ((ecap) >> 3 & 1)
static struct intel_iommu iommus[64]; static struct dmar_drhd_unit units[64]; static int unit_count;
#define for_each_iommu(unit, drhd) \
  for ((drhd) = units; (drhd) < units + unit_count && ((unit) = (drhd)->iommu); (drhd)++)
static int nr_ioapics; static u8 ids[256];
#define mpc_ioapic_id(index) ids[index]
/* KERNEL */

static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }

int main(void)
{
  static u8 table[1 << 16];
  for (;;) {
    u32 length = get();
    if (fread(table, 1, length, stdin) != length) return 0;
    unit_count = 0;
    for (u32 at = 48; at + 4 <= length;) {
      struct acpi_dmar_header *header = (void *)(table + at);
      if (header->type == ACPI_DMAR_TYPE_HARDWARE_UNIT) {
        iommus[unit_count] = (struct intel_iommu){ .ecap = 8, .seq_id = unit_count };
        units[unit_count] = (struct dmar_drhd_unit){ header, &iommus[unit_count] };
        unit_count++;
      }
      at += header->length;
    }
    for (u32 asked = get(); asked--;) {
      nr_ioapics = get();
      for (int i = 0; i < nr_ioapics; i++) ids[i] = get();
      memset(ir_hpet, 0, sizeof ir_hpet); memset(ir_ioapic, 0, sizeof ir_ioapic);
      printf("%s\n", parse_ioapics_under_ir() ? "off" : "on");
    }
  }
}
