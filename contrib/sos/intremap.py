# A plug-in for sos (sosreport): to be put into sos/report/plugins/ of the Python path, or enabled with a package of it.
# The capture is redacted by intremap itself: no serial numbers, addresses or names of owners leave the host.

from sos.report.plugins import (Plugin, RedHatPlugin, DebianPlugin,
                                UbuntuPlugin, SuSEPlugin)


class Intremap(Plugin, RedHatPlugin, DebianPlugin, UbuntuPlugin, SuSEPlugin):
    """Collects whether the PCI devices of a host can raise only their own
    interrupts, and what that was read from, so that it can be judged again
    elsewhere.
    """

    short_desc = 'Isolation of interrupts of PCI devices'
    plugin_name = 'intremap'
    profiles = ('virt', 'hardware', 'system')
    commands = ('intremap',)

    def setup(self):
        self.add_cmd_output([
            'intremap probe --all --color never',
            'intremap probe --json',
            'intremap doctor --color never',
        ])
        self.add_cmd_output(
            'intremap capture -o -',
            suggest_filename='intremap.tar.gz',
            binary=True,
        )
