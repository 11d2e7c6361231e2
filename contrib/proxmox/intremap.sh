#!/bin/sh
# Refuses to start a guest of Proxmox VE that is given a PCI function which may not be handed out now.
# To be put, executable, into a storage for snippets, then: qm set VMID --hookscript local:snippets/intremap.sh
#
# Proxmox VE calls it with VMID and PHASE (pre-start, post-start, pre-stop, post-stop); what fails in pre-start aborts the
# start. The functions are those of the lines hostpciN of `qm config VMID`: 01:00.0, 01:00 for all functions of a device,
# several with semicolons, or mapping=NAME, of which /etc/pve/mapping/pci.cfg has the paths on this node.
#
# INTREMAP          the program, else intremap on the path
# INTREMAP_UNKNOWN  "allow" lets start what nobody can judge; anything else refuses it

set -u
LC_ALL=C
PATH=${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}
export LC_ALL PATH
intremap=${INTREMAP:-intremap}
mappings=${INTREMAP_MAPPINGS:-/etc/pve/mapping/pci.cfg}
functions=${INTREMAP_FUNCTIONS:-/sys/bus/pci/devices}
vmid=${1-}

[ "${2-}" = pre-start ] || exit 0
config=$(qm config "$vmid") || {
  echo "intremap: qm config $vmid failed" >&2
  exit 1
}

# Paths that a mapping has on this node, one a line.
mapped() {
  awk -v name="$1" -v node="$(hostname)" '
    /^[^ \t]/ { found = ($1 == name) }
    found && $1 == "map" {
      here = 0; path = ""
      count = split($2, part, ",")
      for (at = 1; at <= count; at++) {
        if (part[at] == "node=" node) here = 1
        if (part[at] ~ /^path=/) path = substr(part[at], 6)
      }
      if (here && path != "") { gsub(/;/, "\n", path); print path }
    }' "$mappings"
}

# 01:00.0 is one function; 01:00 are all that the device has.
functions_of() {
  case $1 in
  *.*) echo "$1" ;;
  *)
    case $1 in *:*:*) device=$1 ;; *) device=0000:$1 ;; esac
    all=$(cd "$functions" && ls -d "$device".* 2>/dev/null)
    echo "${all:-$device.0}"
    ;;
  esac
}

refused=0
values=$(printf '%s\n' "$config" | sed -n 's/^hostpci[0-9]*: *//p')
for value in $values; do
  first=${value%%,*}
  case $first in
  mapping=*)
    paths=$(mapped "${first#mapping=}")
    [ -n "$paths" ] || {
      echo "intremap: mapping ${first#mapping=} has no path on this node" >&2
      refused=1
    }
    ;;
  host=*) paths=$(printf '%s\n' "${first#host=}" | tr ';' '\n') ;;
  *) paths=$(printf '%s\n' "$first" | tr ';' '\n') ;;
  esac
  for path in $paths; do
    for address in $(functions_of "$path"); do
      answer=$("$intremap" check "$address" --assignable </dev/null 2>&1)
      code=$?
      case $code in
      0) continue ;;
      3) [ "${INTREMAP_UNKNOWN-}" = allow ] && continue ;;
      esac
      echo "intremap: guest $vmid may not be given $address: $answer (exit code $code)" >&2
      refused=1
    done
  done
done
exit $refused
