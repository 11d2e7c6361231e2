/* Around the parsers of words on the kernel command line: what they set, as far as it is asked for, and a loop. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef uint32_t u32;
#define __init
#define CONFIG_SWIOTLB 1
#define IS_ENABLED(option) 1
#define pr_info(...) (void)0
#define pr_warn(...) (void)0
#define pr_notice(...) (void)0
#define iommu_set_dma_strict() (void)0
#define iommu_set_default_passthrough(is) (void)0
#define iommu_set_default_translated(is) (void)0
#define gart_parse_options(text) (void)0
enum { AMD_IOMMU_V1, AMD_IOMMU_V2, PD_MODE_V1, PD_MODE_V2, AMD_IOMMU_PGSIZES_4K, AMD_IOMMU_PGSIZES_V2 };
static int disable_irq_remap, disable_irq_post, disable_sourceid_checking, no_x2apic_optout, enable_posted_msi;
static int dmar_disabled, dmar_map_intgpu, no_platform_optin, dmar_map_gfx, disable_igfx_iommu, iommu_dma_forcedac;
static int intel_iommu_superpage, intel_iommu_sm, intel_iommu_tboot_noforce;
static int amd_iommu_force_enable, amd_iommu_disabled, amd_iommu_force_isolation, amd_iommu_pgtable, amd_iommu_irtcachedis;
static int amd_iommu_pgsize_bitmap, iommu_merge, no_iommu, force_iommu, panic_on_overflow, disable_dac_quirk, x86_swiotlb_enable;
/* KERNEL */

static u32 get(void) { u32 value; if (fread(&value, 4, 1, stdin) != 1) exit(0); return value; }

int main(void)
{
  for (;;) {
    u32 words = get();
    disable_irq_remap = disable_sourceid_checking = no_iommu = amd_iommu_disabled = 0;
    dmar_disabled = -1;
    while (words--) {
      char word[256];
      u32 length = get();
      for (u32 i = 0; i < length; i++) word[i] = get();
      word[length] = 0;
      char *value = strchr(word, '=');
      if (value) *value++ = 0;
      /* Names are compared with dashes and underscores as one (K: kernel/params.c, parameq). */
      for (char *at = word; *at; at++) if (*at == '-') *at = '_';
      if (!strcmp(word, "nointremap")) setup_nointremap(value);
      if (!strcmp(word, "intremap")) setup_irqremap(value);
      if (!strcmp(word, "iommu")) iommu_setup(value);
      if (!strcmp(word, "intel_iommu") && value) intel_iommu_setup(value);
      if (!strcmp(word, "amd_iommu") && value) parse_amd_iommu_options(value);
    }
    printf("%d %d %d %d %d\n", !!disable_irq_remap, disable_sourceid_checking, no_iommu, amd_iommu_disabled, dmar_disabled);
  }
}
