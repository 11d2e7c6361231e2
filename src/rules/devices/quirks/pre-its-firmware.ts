/** Firmware whose ACPI tables describe an ITS behind a pre-ITS window as if it were a plain one. */
export interface PreItsFirmware {
  readonly board: string
  /** Six and eight characters of the table header, padding kept. */
  readonly oemId: string
  readonly oemTableId: string
  readonly source: string
}

export const PRE_ITS_FIRMWARE: readonly PreItsFirmware[] = [
  {
    board: 'Socionext SynQuacer',
    oemId: 'SNI   ',
    oemTableId: 'SYNQUACR',
    source:
      'edk2-platforms up to commit 6cfae9dac2: Silicon/Socionext/SynQuacer/AcpiTables/AcpiTables.h, EFI_ACPI_OEM_ID and EFI_ACPI_OEM_TABLE_ID; the SynQuacer.dtsi beside it has the window on the same ITS',
  },
]
