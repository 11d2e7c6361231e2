#!/bin/sh
# Writes the devices of this host as a table for osquery, which reads SQLite by automatic table construction
# (intremap.conf beside this file). To be run by a timer, once a day and after each boot. It needs sqlite3.
set -eu
directory=${INTREMAP_OSQUERY:-/var/lib/intremap}
mkdir -p "$directory"
cd "$directory"
${INTREMAP:-intremap} probe --json --fail-on never --force -o report.json
rm -f new.db
sqlite3 new.db "
  create table devices as
  select json_extract(device.value, '\$.address') as address,
         json_extract(device.value, '\$.driver') as driver,
         json_extract(device.value, '\$.iommuGroup') as iommu_group,
         json_extract(device.value, '\$.effectiveVerdict') as verdict,
         json_extract(device.value, '\$.reason') as reason,
         json_extract(device.value, '\$.assignable.answer') as assignable,
         json_extract(report.json, '\$.platform.machine.firmwareFingerprint') as firmware,
         json_extract(report.json, '\$.tool.ruleset') as ruleset
  from (select cast(readfile('report.json') as text) as json) as report, json_each(report.json, '\$.devices') as device
  where json_extract(device.value, '\$.role') = 'endpoint';"
mv new.db intremap.db
