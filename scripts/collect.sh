#!/bin/sh
# Collects what `intremap probe` reads of this machine, for hosts where nothing may be installed: POSIX sh with the usual
# small programs (busybox has them all). The archive is probed elsewhere: intremap probe --bundle FILE
#
#   sh collect.sh machine.tar.gz          writes that file and nothing else; - is standard output
#   COLLECT_ROOT=/mnt sh collect.sh FILE  collects a copied tree instead of this machine
#
# What is gathered lies until the end in a directory of its own, below TMPDIR, beside FILE, or in /dev/shm, /run or /tmp:
# the first of them that can be written. Root sees more: firmware tables, the whole configuration space, the log.
# shellcheck disable=SC2015,SC2317 # A || C after A && B is meant so; functions are named by those who call them.
set -u
LC_ALL=C IFS=' 	
' PATH=${PATH:-/usr/sbin:/usr/bin:/sbin:/bin}
export LC_ALL PATH
umask 077
tell() { printf 'collect.sh: %s\n' "$*" >&2; }
fail() { tell "$2"; exit "$1"; }

[ $# -eq 1 ] && [ -n "$1" ] || fail 64 'usage: sh collect.sh FILE.tar.gz'
case $1 in -) out=- ;; -*) out=./$1 ;; *) out=$1 ;; esac
[ "$out" = - ] || ! { [ -e "$out" ] || [ -h "$out" ]; } || fail 64 "$out is there already; name another file"
case $out in */*) beside=${out%/*}/ ;; -) beside=/tmp ;; *) beside=. ;; esac
R=$(CDPATH='' cd -P -- "${COLLECT_ROOT:-/}" && pwd -P) || fail 66 "${COLLECT_ROOT:-/} cannot be entered"
R=${R%/}
work=
for base in ${TMPDIR:+"$TMPDIR"} "$beside" /dev/shm /run /tmp; do
  mkdir "$base/.intremap-collect.$$" 2>/dev/null && work=$base/.intremap-collect.$$ && break
done
[ -n "$work" ] || fail 73 'no directory can be written; set TMPDIR to one that can'
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
S=$work/sysroot
mkdir "$S" || fail 73 "$work cannot be written"
for file in unreadable absent listings; do : >"$work/$file"; done

# json TEXT: in $J as JSON; false for what neither JSON nor a bundle takes as a name: control characters and other bytes.
json() {
  case $1 in *[!\ -~]*) return 1 ;; esac
  J='' rest=$1
  while case $rest in *[\"\\]*) ;; *) false ;; esac do
    before=${rest%%[\"\\]*}
    rest=${rest#"$before"}
    J=$J$before\\${rest%"${rest#?}"} rest=${rest#?}
  done
  J=\"$J$rest\"
}
unread() { json "$2" && printf '%s: "%s"\n' "$J" "$1" >>"$work/unreadable"; }
# there PATH: whether the name is there. If not, the first name on the way that is missing is noted.
there() {
  { [ -e "$R/$1" ] || [ -h "$R/$1" ]; } && return 0
  missing=$1
  while case $missing in */*) ! [ -e "$R/${missing%/*}" ] ;; *) false ;; esac do missing=${missing%/*}; done
  case $missing in */*) above=$R/${missing%/*} ;; *) above=$R/ ;; esac
  if [ -d "$above" ] && ! [ -x "$above" ]; then unread permission "$missing"
  else json "$missing" && printf '%s\n' "$J" >>"$work/absent"; fi
  return 1
}
# Starting programs takes nearly all of the time: names and directories go to one program together where they can.
# make DIRECTORY...: directories of the bundle.
make() {
  for directory in "$@"; do
    shift
    [ -d "$S/$directory" ] || set -- "$@" "$S/$directory"
  done
  [ $# -eq 0 ] || mkdir -p "$@"
}
# plain DIRECTORY: whether it is one that can be listed and entered, and no link to one.
plain() { [ -d "$R/$1" ] && [ -r "$R/$1" ] && [ -x "$R/$1" ] && ! [ -h "$R/$1" ]; }
# real DIRECTORY: its path without links in $D; false for what leads out of the root or cannot be entered.
# Of the one found last, $known, and of plain ones in it that path is told already.
known=''
real() {
  if [ "$1" = "$known" ] || { [ "${1%/*}" = "$known" ] && plain "$1"; }; then D=$1; return 0; fi
  D=$(CDPATH='' cd -P -- "$R/$1" 2>/dev/null && pwd -P) || return 1
  case $D in "$R"/*) D=${D#"$R"/} known=$D ;; *) return 1 ;; esac
}
# reach PATH: puts a link, where it is one, into the bundle; the directory it leads to is $D.
reach() {
  there "$1" || return 1
  if [ -h "$R/$1" ] && ! [ -h "$S/$1" ]; then make "${1%/*}"; cp -RP "$R/$1" "$S/${1%/*}/"; fi
  real "$1" || { [ -h "$R/$1" ] || unread permission "$1"; return 1; }
}
enter() { reach "$1" && make "$D"; }
# take DIRECTORY NAME...: files and links of a directory as they are.
take() {
  from=$1
  shift
  [ $# -gt 0 ] || return 0
  if [ -n "$R" ] && [ -d "$R/$from" ] && ! real "$from"; then unread malformed "$from"; return 0; fi
  for name in "$@"; do
    shift
    there "$from/$name" || continue
    if [ -h "$R/$from/$name" ] || { [ -f "$R/$from/$name" ] && [ -r "$R/$from/$name" ]; }; then
      set -- "$@" "$R/$from/$name"
    elif [ -f "$R/$from/$name" ]; then
      mkdir -p "$S/$from" && : >"$S/$from/$name"
      unread permission "$from/$name"
    elif [ -d "$R/$from/$name" ]; then list "$from/$name"
    else unread malformed "$from/$name"; fi
  done
  [ $# -eq 0 ] && return
  make "$from"
  cp -RP "$@" "$S/$from/" 2>/dev/null && return
  for file in "$@"; do
    cp -RP "$file" "$S/$from/" 2>/dev/null && continue
    : >"$S/$from/${file##*/}"
    unread io "$from/${file##*/}"
  done
}
any() { :; }
# list DIRECTORY [FILTER]: the names in it that FILTER lets pass.
list() {
  there "$1" || return 1
  if ! [ -d "$R/$1" ]; then
    mkdir -p "$S/${1%/*}"
    : >"$S/$1"
    unread malformed "$1"
    return 1
  fi
  if ! real "$1" || ! [ -r "$R/$D" ]; then unread permission "$1"; return 1; fi
  case $1 in sys/*) ;; *) D=$1 ;; esac
  make "$D"
  json "$D" || return 1
  lost='' comma=''
  {
    printf '%s: [' "$J"
    for entry in "$R/$D"/* "$R/$D"/.[!.]* "$R/$D"/..?*; do
      { [ -e "$entry" ] || [ -h "$entry" ]; } && "${2:-any}" "${entry##*/}" || continue
      json "${entry##*/}" || { lost=1; continue; }
      printf '%s%s' "$comma" "$J"
      comma=,
    done
    printf ']\n'
  } >>"$work/listings"
  [ -z "$lost" ] || { tell "/$D holds names that no bundle takes; it counts as unreadable"; unread malformed "$D"; }
}
# keep PATH COMMAND...: what COMMAND leaves of a text. A damaged one stays damaged, and says nothing more.
keep() {
  path=$1
  shift
  there "$path" || return 1
  make "${path%/*}"
  : >"$S/$path"
  # A link leads to another file of this machine, but perhaps out of a copied tree.
  if ! real "${path%/*}" || ! [ -f "$R/$path" ] || { [ -n "$R" ] && [ -h "$R/$path" ]; }; then
    unread malformed "$path"
    return 1
  fi
  [ -r "$R/$path" ] || { unread permission "$path"; return 1; }
  cat "$R/$path" >"$work/raw" 2>/dev/null || { unread io "$path"; return 1; }
  case $path in *.gz) gzip -dc <"$work/raw" >"$work/text" 2>/dev/null || echo '?' >"$work/text" ;; *) mv "$work/raw" "$work/text" ;; esac
  if ! [ -s "$work/text" ]; then return 0
  elif [ -n "$(tail -c 1 "$work/text" | tr '\000' x)" ] || tr -d '\t\n -~\200-\377' <"$work/text" | grep -q .; then printf '?'
  else "$@" <"$work/text"; fi >"$work/kept"
  case $path in *.gz) gzip -9c <"$work/kept" ;; *) cat "$work/kept" ;; esac >"$S/$path"
}
# uevent DIRECTORY: of a device's variables those that are read; a value in another form is only told to be there.
uevent() {
  there "$1/uevent" || return 0
  if [ -h "$R/$1/uevent" ] || ! [ -f "$R/$1/uevent" ]; then unread malformed "$1/uevent"; return 0; fi
  damaged=''
  while IFS= read -r line; do
    value=${line#*=}
    case $line in *[[:cntrl:]]* | =*) damaged=1 ;; *=*) ;; *) damaged=1 ;; esac
    case $line in
      DRIVER=*) case $value in *[!A-Za-z0-9_\ .,:\(\)+-]*) value='' ;; esac ;;
      OF_FULLNAME=*) case $value in [!/]* | *[!A-Za-z0-9_,.+@/-]*) value='' ;; esac ;;
      PCI_CLASS=* | PCI_ID=* | PCI_SUBSYS_ID=*) case $value in *[!0-9A-F:]*) value='' ;; esac ;;
      PCI_SLOT_NAME=*) case $value in *[!0-9a-f:.]*) value='' ;; esac ;;
      *) continue ;;
    esac
    printf '%s=%s\n' "${line%%=*}" "$value"
  done <"$R/$1/uevent" >"$S/$1/uevent" || unread io "$1/uevent"
  [ -z "$damaged$line" ] || printf '?' >"$S/$1/uevent"
}
# above DIRECTORY: node and variables of what a device hangs on; of PCI functions they are taken anyway.
above() {
  up=${1%/*}
  while case $up in sys/devices/*) ;; *) false ;; esac do
    case "$seen " in *" $up "*) break ;; esac
    seen="$seen $up"
    case ${up##*/} in *:??.?) ;; *) take "$up" of_node; uevent "$up" ;; esac
    up=${up%/*}
  done
}
# other NAME DIRECTORY: a device that is no PCI function, where its bus and where that directory lists it.
other() {
  case $1 in *:??:??.?) return 0 ;; esac
  for place in sys/bus/platform/devices "$2"; do
    { [ -h "$R/$place/$1" ] || [ -d "$R/$place/$1" ]; } && enter "$place/$1" || continue
    case "$seen " in *" $D="*) continue ;; esac
    seen="$seen $D=" device=$D
    take "$device" driver iommu_group of_node
    uevent "$device"
    above "$device"
  done
}

# The same lists as in src/: a test holds them against each other.
PARAMETERS='acpi amd_iommu amd_iommu_intr arm_smmu.disable_bypass arm_smmu_v3.disable_bypass initcall_blacklist
intel_iommu intremap iommu iommu.forcedac iommu.passthrough iommu.strict iommufd.allow_unsafe_interrupts
irqchip.gicv2_force_probe irqchip.gicv3_nolpi irqchip.gicv3_pseudo_nmi ivrs_hpet ivrs_ioapic modprobe.blacklist
module_blacklist noapic nointremap nox2apic pci pcie_acs_override vfio.enable_unsafe_noiommu_mode
vfio_iommu_type1.allow_unsafe_interrupts vfio_pci.disable_denylist vfio_pci.ids'
PROPERTIES='compatible device_type status phandle linux,phandle #address-cells #size-cells reg reg-names ranges
dma-ranges bus-range linux,pci-domain interrupt-controller interrupt-parent #interrupt-cells msi-controller #msi-cells
msi-parent msi-map msi-map-mask msi-ranges mbi-ranges mbi-alias arm,msi-base-spi arm,msi-num-spis
socionext,synquacer-pre-its iommus iommu-map iommu-map-mask #iommu-cells iommu-addresses memory-region mmu-masters
stream-match-mask dma-coherent dma-noncoherent ats-supported external-facing'
PROPERTIES=" $(printf %s "$PROPERTIES" | tr '\n' ' ') "
TABLES='APIC DMAR IORT IVRS MCFG RIMT VIOT'

# Words of the command line that are none of the parameters are numbered, equal ones alike. Quotes hold blanks together.
command_line() {
  awk -v known="$PARAMETERS" 'BEGIN { for (n = split(known, list); n; n--) keep[list[n]] }
    function word(w,  name) {
      if (w == "") return
      name = w
      sub(/=.*/, "", name); gsub(/-/, "_", name); sub(/\[[0-9]+\]$/, "", name)
      if (!(name in keep)) { if (!(w in number)) number[w] = ++count; w = "redacted-" number[w] }
      line = line (line == "" ? "" : " ") w
    }
    NR > 1 { exit }
    { for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (c == "\"") quoted = !quoted
        else if (!quoted && c ~ /[ \t\r\f\v]/) { word(w); w = "" }
        else w = w c
      }
      word(w); print line }'
}
version() { sed -n 's/^\(Linux version [0-9][^ ]*\) .*/\1 redacted/p'; }
# Options with texts go: host name, keys, who built it.
configuration() { grep -E '^CONFIG_[A-Za-z0-9_]+=[^"]|^# CONFIG_[A-Za-z0-9_]+ is not set$' || printf '?'; }
processor() {
  head -n 64 | grep -E '^(CPU implementer|Features|vendor_id|flags|isa|hart|CPU Family|system type|cpu|revision)[[:space:]]*:' ||
    echo redacted
}
interrupts() {
  awk 'NR == 1 { if ($1 !~ /^CPU/) { printf "?"; exit } cpus = NF; print "CPU0"; next }
    /^ *[0-9]+:/ { number = $1; sub(/^ *[0-9]+:/, "")
      for (i = 0; i < cpus; i++) sub(/^[ \t]*[^ \t]+/, "")
      sub(/^[ \t]+/, ""); print number " 0 " $0 }'
}
module_options() {
  sed -e ':more' -e '/\\$/N' -e 's/\\\n/ /' -e 'tmore' |
    grep -E '^[[:space:]]*options[[:space:]]+(arm.smmu(.v3)?|iommufd|vfio(.iommu.type1|.pci)?)[[:space:]]'
}

# Filters of listings.
modules() { case $1 in vfio* | iommufd | arm_smmu* | virtio_iommu | kvm* | irqbypass) ;; *) false ;; esac; }
nodes() { case $1 in iommu | kvm | vfio) ;; *) false ;; esac; }
vfio_nodes() { case $1 in vfio | devices | [0-9]* | noiommu-[0-9]* | vfio[0-9]*) ;; *) false ;; esac; }
tables_only() { [ "$1" = tables ]; }
table_names() {
  case ${1%"${1#????}"} in ????) ;; *) return 1 ;; esac
  case ${1%"${1#????}"}-${1#????} in *[!A-Z0-9_]*-* | *-*[!0-9]*) return 1 ;; esac
}
PLACES='etc/modprobe.d run/modprobe.d usr/lib/modprobe.d lib/modprobe.d'
sets_option() {
  case $1 in *.conf) ;; *) return 1 ;; esac
  for place in $PLACES; do
    [ -e "$R/$place/$1" ] || continue
    [ -r "$R/$place/$1" ] || return 0
    [ -z "$(module_options 2>/dev/null <"$R/$place/$1")" ] || return 0
  done
  return 1
}
# interrupts_of DIRECTORY NUMBER...: the vectors of a function that its msi_irqs has, and their interrupts.
interrupts_of() {
  take "$@"
  shift
  [ -d "$R/sys/kernel/debug/irq/irqs" ] && take sys/kernel/debug/irq/irqs "$@"
  irqs=''
  for number in "$@"; do
    irq=sys/kernel/irq/$number
    [ -f "$R/$irq/chip_name" ] && plain "$irq" && irqs="$irqs $irq"
  done
  # shellcheck disable=SC2086 # Numbers, which are words.
  make $irqs
  [ -z "$R" ] || real sys/kernel/irq
  for number in "$@"; do take "sys/kernel/irq/$number" chip_name; done
}
# tree DIRECTORY: a device tree; every name is told, and the properties that are read are kept.
tree() {
  list "$1" || return 0
  [ "$D" != "$1" ] || known=$1
  set -- "$1"
  for entry in "$R/$1"/*; do
    [ -f "$entry" ] && ! [ -h "$entry" ] && json "${entry##*/}" || continue
    case ${entry##*/} in *\ *) ;; *) case $PROPERTIES in *" ${entry##*/} "*) set -- "$@" "${entry##*/}"; continue ;; esac ;; esac
    if [ "${entry##*/}" = model ]; then tr '\000-\377' '\000' <"$entry" >"$S/$1/model" && continue; fi
    : >"$S/$1/${entry##*/}"
    unread not-collected "$1/${entry##*/}"
  done
  take "$@"
  set -- "$1"
  for entry in "$R/$1"/*/; do
    entry=${entry%/}
    plain "$1/${entry##*/}" && set -- "$@" "$1/${entry##*/}"
    [ $# -lt 64 ] || { make "$@"; set -- "$1"; }
  done
  make "$@"
  for entry in "$R/$1"/*/; do
    entry=${entry%/}
    # What holds a directory without links has none either.
    case $known in "$1"/*) known=$1 ;; esac
    if [ -d "$entry" ] && ! [ -h "$entry" ]; then tree "$1/${entry##*/}"; fi
  done
}

# The kernel.
list sys/kernel
list sys/class
list sys/bus
keep proc/cmdline command_line
keep proc/version version
keep proc/cpuinfo processor
keep proc/interrupts interrupts
keep proc/sys/kernel/arch cat
kernel=''
keep proc/sys/kernel/osrelease cat && read -r kernel <"$S/proc/sys/kernel/osrelease"
keep proc/xen/capabilities cat
keep sys/hypervisor/type cat
case $kernel in '' | *[!A-Za-z0-9_.+~-]*) kernel=unknown ;; esac
for file in proc/config.gz "boot/config-$kernel" "lib/modules/$kernel/config"; do
  keep "$file" configuration && break
done
list sys/module modules
for switch in arm_smmu/disable_bypass arm_smmu_v3/disable_bypass iommufd/allow_unsafe_interrupts \
  vfio/enable_unsafe_noiommu_mode vfio_iommu_type1/allow_unsafe_interrupts vfio_pci/disable_denylist; do
  take "sys/module/${switch%/*}/parameters" "${switch#*/}"
done
for place in $PLACES; do
  list "$place" sets_option || continue
  for entry in "$R/$place"/*.conf; do
    name=${entry##*/}
    here=$place
    if [ -f "$entry" ] && json "$name" && sets_option "$name"; then keep "$here/$name" module_options; fi
    place=$here
  done
done
# The log of this boot: a file of that name on disk may be of another.
if [ -n "$R" ]; then
  take var/log dmesg
elif mkdir -p "$S/var/log" && ! dmesg >"$S/var/log/dmesg" 2>"$work/raw"; then
  : >"$S/var/log/dmesg"
  if grep -qi 'permitted\|denied' "$work/raw"; then unread permission var/log/dmesg; else unread io var/log/dmesg; fi
fi
if there dev/nodes.txt; then
  take dev nodes.txt
else
  list dev nodes
  list dev/vfio vfio_nodes
  list dev/vfio/devices vfio_nodes
fi

# The firmware.
list sys/firmware
list sys/firmware/acpi tables_only
if list sys/firmware/acpi/tables table_names; then
  for table in $TABLES; do
    for entry in "$R/sys/firmware/acpi/tables/$table" "$R/sys/firmware/acpi/tables/$table"[0-9]*; do
      [ -f "$entry" ] && take sys/firmware/acpi/tables "${entry##*/}"
    done
  done
fi
take sys/firmware fdt
tree sys/firmware/devicetree/base
enter sys/class/dmi/id && take "$D" bios_date bios_version product_name sys_vendor

# Functions, groups, IOMMUs, interrupts.
seen=''
list sys/bus/pci/devices
list sys/bus/platform/devices
list sys/kernel/debug/irq/domains && for entry in "$R"/sys/kernel/debug/irq/domains/*; do
  json "${entry##*/}" && take sys/kernel/debug/irq/domains "${entry##*/}"
done
set --
for entry in "$R"/sys/bus/pci/devices/*:??:??.?; do
  case ${entry##*/} in *[!0-9a-f:.]*) continue ;; esac
  [ -h "$entry" ] && set -- "$@" "${entry##*/}"
  [ $# -lt 64 ] || { take sys/bus/pci/devices "$@"; set --; }
done
take sys/bus/pci/devices "$@"
for entry in "$R"/sys/bus/pci/devices/*:??:??.?; do
  name=${entry##*/}
  case $name in *[!0-9a-f:.]*) continue ;; esac
  reach "sys/bus/pci/devices/$name" || continue
  at=$D vectors=$D/msi_irqs
  if plain "$vectors"; then make "$at" "$vectors"; else make "$at"; fi
  take "$at" class config device driver driver_override iommu iommu_group numa_node of_node physfn reset_method \
    revision sriov_numvfs sriov_totalvfs subsystem_device subsystem_vendor vendor vfio-dev
  uevent "$at"
  above "$at"
  count=0 virtual=0
  [ -f "$R/$at/sriov_numvfs" ] && read -r count <"$R/$at/sriov_numvfs"
  case $count in '' | *[!0-9]* | ??????*) count=0 ;; esac
  set --
  while [ "$virtual" -lt "$count" ]; do
    set -- "$@" "virtfn$virtual"
    virtual=$((virtual + 1))
    [ $# -lt 64 ] || { take "$at" "$@"; set --; }
  done
  take "$at" "$@"
  list "$vectors" || continue
  set --
  for vector in "$R/$vectors"/*; do
    case ${vector##*/} in *[!0-9]*) continue ;; esac
    set -- "$@" "${vector##*/}"
    [ $# -lt 64 ] || { interrupts_of "$vectors" "$@"; set --; }
  done
  interrupts_of "$vectors" "$@"
done
list sys/kernel/iommu_groups && for group in "$R"/sys/kernel/iommu_groups/*; do
  at=sys/kernel/iommu_groups/${group##*/}
  case ${group##*/} in *[!0-9]*) continue ;; esac
  plain "$at/devices" && make "$at/devices"
  take "$at" type name reserved_regions
  list "$at/devices" && for entry in "$group/devices"/*; do
    json "${entry##*/}" && other "${entry##*/}" "$at/devices"
  done
done
list sys/class/iommu && for instance in "$R"/sys/class/iommu/*; do
  name=${instance##*/}
  json "$name" && enter "sys/class/iommu/$name" || continue
  at=$D
  case $name in dmar*) take "$at/intel-iommu" address cap ecap ;; riscv-iommu@*) other "${name#*@}" "$at" ;; esac
  above "$at"
  list "$at/devices" && for entry in "$R/$at/devices"/*; do
    json "${entry##*/}" && other "${entry##*/}" "$at/devices"
  done
done

# The archive.
set -- 'the kernel log' 'configuration space (it may hold a serial number)' 'the device-tree blob (/sys/firmware/fdt)' \
  'texts of compatible in the device tree' 'names of interrupt users in /proc/interrupts' \
  'vendor, product name and firmware version of the machine' 'values of parameters of the command line that are kept' \
  'interrupt domains of debugfs'
lines() { sort -u "$1" | sed '$!s/$/,/; s/^/    /'; }
{
  printf '{\n  "schema": "intremap/bundle",\n  "schemaVersion": "1.0.0",\n  "collector": "collect.sh",\n  "notRedacted": [\n'
  for text in "$@"; do json "$text" && printf '%s\n' "$J"; done >"$work/raw"
  lines "$work/raw"
  printf '  ],\n  "unreadable": {\n' && lines "$work/unreadable"
  printf '  },\n  "absent": [\n' && lines "$work/absent"
  printf '  ],\n  "listings": {\n' && lines "$work/listings" && printf '  }\n}\n'
} >"$work/manifest.json"
pack() { tar -C "$work" "$@" -cf "$work/tar" manifest.json sysroot; }
{ pack --owner=0 --group=0 --numeric-owner 2>/dev/null || pack; } && gzip -9c "$work/tar" >"$work/gz" ||
  fail 73 "the archive could not be made in $work"
if [ "$out" = - ]; then cat "$work/gz" || exit 73; else
  (set -C && : >"$out") 2>/dev/null || fail 73 "$out cannot be written"
  cat "$work/gz" >"$out" || { rm -f "$out"; fail 73 "$out cannot be written"; }
fi
tell "$out: a bundle for: intremap probe --bundle FILE"
tell 'NOT REDACTED, look before you share:'
for text in "$@"; do printf '  %s\n' "$text"; done >&2
tell 'Redact it where intremap is: intremap capture --bundle FILE -o redacted.tar.gz'
grep -q permission "$work/unreadable" && tell 'Some files were denied: run it as root for a complete bundle.'
exit 0
