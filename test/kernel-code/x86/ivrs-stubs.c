/* Around check_ioapic_information: an IVRS, the IO-APICs of a machine, its names and words, and a loop that asks it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint8_t u8; typedef uint16_t u16; typedef uint32_t u32; typedef uint64_t u64;
#define __init
#define __initdata
#define __initconst
#define FW_BUG ""
#define CONFIG_DMI 1
#define GFP_KERNEL 0
#define pr_err(...) (void)0
#define pr_info(...) (void)0
#define pr_warn(...) (void)0
#define DUMP_printk(...) (void)0
#define BUILD_BUG_ON(condition)
#define struct_group(name, ...) union { struct { __VA_ARGS__ } __attribute__((packed)); struct { __VA_ARGS__ } __attribute__((packed)) name; }
#define kzalloc(size, flags) calloc(1, size)
#define kzalloc_obj(object) calloc(1, sizeof(object))
#define PCI_DEVFN(slot, func) ((((slot) & 0x1f) << 3) | ((func) & 7))
#define PCI_SEG_DEVID_TO_SBDF(segment, device) ((((u32)(segment) & 0xffff) << 16) | ((device) & 0xffff))
#define ACPIHID_UID_LEN 256
#define ACPIHID_HID_LEN 9
/* A list of the kernel's kind, as far as it is used here. */
struct list_head { struct list_head *next, *previous; };
#define LIST_HEAD(name) struct list_head name = { &name, &name }
static void list_add_tail(struct list_head *entry, struct list_head *list)
{
  entry->previous = list->previous; entry->next = list;
  list->previous->next = entry; list->previous = entry;
}
/* The link is the first member of every entry. */
#define list_for_each_entry(entry, list, member) \
  for ((entry) = (void *)(list)->next; (void *)(entry) != (void *)(list); (entry) = (void *)(entry)->member.next)
struct devid_map { struct list_head list; u8 id; u32 devid; bool cmd_line; };
struct acpihid_map_entry { struct list_head list; u8 uid[ACPIHID_UID_LEN], hid[ACPIHID_HID_LEN]; u32 devid, root_devid; bool cmd_line; };
struct amd_iommu_pci_seg { u16 id, last_bdf, alias_table[1 << 16]; };
struct amd_iommu { struct amd_iommu_pci_seg *pci_seg; u8 acpi_flags; };
struct acpi_table_header { char signature[4]; u32 length; };
static LIST_HEAD(ioapic_map); static LIST_HEAD(hpet_map);
#define set_dev_entry_from_acpi(...) (void)0
#define set_dev_entry_from_acpi_range(...) (void)0
#define add_acpi_hid_device(...) 0

struct dmi_strmatch { int slot; const char *text; };
struct dmi_system_id { int (*callback)(const struct dmi_system_id *); const char *ident; struct dmi_strmatch matches[4]; void *driver_data; };
enum { DMI_NONE, DMI_SYS_VENDOR, DMI_PRODUCT_NAME };
#define DMI_MATCH(slot, text) { slot, text }
static char dmi[3][64];
static void dmi_check_system(const struct dmi_system_id *list)
{
  for (; list->callback; list++) {
    bool all = true;
    for (int i = 0; i < 4; i++) if (list->matches[i].slot && !strstr(dmi[list->matches[i].slot], list->matches[i].text)) all = false;
    if (all) list->callback(list);
  }
}

static struct { int x86_vendor, x86, x86_model; } boot_cpu_data;
#define X86_VENDOR_HYGON 9
static int nr_ioapics; static struct { u8 id; u32 gsi_base; } ioapics[64];
#define mpc_ioapic_id(index) ioapics[index].id
/* K: arch/x86/kernel/apic/io_apic.c, of the same name; every IO-APIC here has 24 pins. */
static int mp_find_ioapic(u32 gsi)
{
  for (int i = 0; i < nr_ioapics; i++) if (gsi >= ioapics[i].gsi_base && gsi <= ioapics[i].gsi_base + 23) return i;
  return -1;
}
static void amd_iommu_apply_ivrs_quirks(void);
/* KERNEL */

static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }
static void text(char *into)
{
  u32 length = get();
  for (u32 i = 0; i < length; i++) into[i] = get();
  into[length] = 0;
}

static void empty(struct list_head *list)
{
  while (list->next != list) {
    struct list_head *first = list->next;
    list->next = first->next;
    free(first);
  }
  list->previous = list;
}

int main(void)
{
  static u8 table[1 << 16]; static struct amd_iommu_pci_seg segment; static char quirks[sizeof ivrs_ioapic_quirks];
  memcpy(quirks, ivrs_ioapic_quirks, sizeof quirks);
  for (;;) {
    u32 length = get();
    if (fread(table, 1, length, stdin) != length) return 0;
    u8 type = get_highest_supported_ivhd_type((void *)table);
    for (u32 asked = get(); asked--;) {
      text(dmi[DMI_SYS_VENDOR]); text(dmi[DMI_PRODUCT_NAME]);
      bool hygon = get();
      boot_cpu_data.x86_vendor = hygon ? X86_VENDOR_HYGON : 2; boot_cpu_data.x86 = hygon ? 0x18 : 0x19; boot_cpu_data.x86_model = 4;
      nr_ioapics = get();
      for (int i = 0; i < nr_ioapics; i++) { ioapics[i].id = get(); ioapics[i].gsi_base = get(); }
      empty(&ioapic_map); empty(&hpet_map);
      memcpy(ivrs_ioapic_quirks, quirks, sizeof quirks);
      early_ioapic_map_size = 0; cmdline_maps = false;
      for (u32 words = get(); words--;) { char word[64]; text(word); parse_ivrs_ioapic(word); }
      /* K: init_iommu_all. */
      int error = 0;
      for (u32 at = IVRS_HEADER_LENGTH; at + 4 <= length && !error;) {
        struct ivhd_header *header = (void *)(table + at);
        if (header->type == type) {
          struct amd_iommu iommu = { &segment };
          segment.id = header->pci_seg;
          error = init_iommu_from_acpi(&iommu, header);
        }
        at += header->length;
      }
      printf("%s\n", !error && check_ioapic_information() ? "on" : "off");
    }
  }
}
