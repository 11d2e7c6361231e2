#!/usr/bin/env bash
# get-sources.sh DIR: the parts of Debian's linux-source packages that the differential tests compile, into DIR/6.1 and so on.
# Debian on any architecture, with apt's own mirror; nothing is installed, and nothing of it belongs into the repository.
set -euo pipefail
target=$(mkdir -p "$1" && cd "$1" && pwd)
apt=$target/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1)
for suite in bookworm bookworm-backports trixie sid; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
done > "$apt/sources.list"
options=(-q -oDir::State::Lists="$apt/lists" -oDir::Etc::SourceList="$apt/sources.list" -oDir::Etc::SourceParts=/dev/null
  -oDir::Cache="$apt/cache" -oDir::State::status=/dev/null -oAPT::Sandbox::User=root -oAPT::Update::Error-Mode=any
  # A mirror that stands still serves lists that call themselves expired. They are as signed as before.
  -oAcquire::Check-Valid-Until=false)
cd "$target"
apt-get "${options[@]}" update
for release in 6.1 6.12 7.2; do
  [ -d "$release/drivers" ] && continue
  apt-get "${options[@]}" download "linux-source-$release"
  mkdir -p "$release"
  dpkg-deb --fsys-tarfile "linux-source-${release}"_*.deb | tar -xO "./usr/src/linux-source-$release.tar.xz" |
    tar -xJ -C "$release" --strip-components=1 --wildcards \
      '*/drivers/acpi/arm64/iort.c' '*/drivers/of/*.c' '*/drivers/iommu/*' '*/drivers/pci/*.[ch]' \
      '*/include/acpi/actbl[12].h' '*/include/linux/of.h' '*/include/uapi/linux/hpet.h' '*/include/linux/pci*.h' '*/include/uapi/linux/pci_regs.h' '*/arch/x86/kernel/*' \
      '*/arch/x86/pci/common.c'
  dpkg-deb -f "linux-source-${release}"_*.deb Version | sed 's/-.*//' > "$release/version"
  rm -f "linux-source-${release}"_*.deb
done
