import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const by = (command: CommandSpec, names: string): Readonly<Record<string, CommandSpec>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, command]))

const UNIT = options(
  '-t,--type= --state= -p,--property= -P= -a,--all -r,--recursive --reverse --with-dependencies -l,--full --value -q,--quiet --no-pager --no-legend --plain -n,--lines= -o,--output= --user --system --now --no-block --no-reload --no-ask-password --runtime -f,--force -s,--signal= --kill-whom= --job-mode= --failed --show-types --no-wall --wait --dry-run -i --timestamp= --preset-mode= --legend= -h,--help --version',
)

/** Programs that steer the machine: services, users, power, processes, mounts, packet filters. */
export const system: readonly ProgramSpec[] = [
  {
    names: ['systemctl'],
    options: [
      ...UNIT,
      ...options('-H,--host= -M,--machine=', { role: 'connect' }),
      ...options('--root= --image=', { effects: ['fs.write'] }),
    ],
    subcommands: {
      ...by(
        { options: UNIT },
        'status show cat help list-units list-unit-files list-timers list-sockets list-dependencies list-jobs list-machines list-paths list-automounts is-active is-enabled is-failed is-system-running get-default show-environment log-level',
      ),
      ...by(
        { effects: ['sys.service'], options: UNIT },
        'start stop restart reload try-restart reload-or-restart try-reload-or-restart isolate kill clean freeze thaw set-property bind mount-image reset-failed daemon-reload daemon-reexec cancel service-watchdogs',
      ),
      ...by(
        { effects: ['sys.service', 'persist'], options: UNIT },
        'enable disable reenable preset preset-all mask unmask link revert add-wants add-requires set-default',
      ),
      edit: { effects: ['sys.service', 'persist', 'exec.unknown'], options: UNIT },
      ...by({ effects: ['env.hook'], options: UNIT }, 'set-environment unset-environment import-environment'),
      ...by(
        { effects: ['sys.power'], options: UNIT },
        'default rescue emergency halt poweroff reboot kexec soft-reboot exit switch-root suspend hibernate hybrid-sleep suspend-then-hibernate',
      ),
    },
    examples: [
      { line: 'systemctl status nginx --no-pager', effects: ['exec'] },
      { line: 'systemctl --now disable a', effects: ['sys.service', 'persist'] },
      { line: 'systemctl reboot', effects: ['sys.power'] },
    ],
  },
  ...alike(
    'service rc-service initctl supervisorctl launchctl sv svc chkconfig update-rc.d rc-update invoke-rc.d systemd-tmpfiles monit',
    { grammar: 'none', effects: ['sys.service'] },
    (name) => ({
      line: `${name} a stop`,
      effects: ['sys.service'],
    }),
  ),
  ...alike(
    'shutdown reboot halt poweroff init telinit kexec pm-suspend rtcwake',
    { grammar: 'none', effects: ['sys.power'] },
    (name) => ({ line: `${name} now`, effects: ['sys.power'] }),
  ),
  {
    names: ['kill'],
    grammar: 'long-dash',
    options: [...options('-l -L --list --table', { cancels: ['proc.signal'] })],
    otherOptions: 'plain',
    effects: ['proc.signal'],
    examples: [
      { line: 'kill -9 1', effects: ['proc.signal'] },
      { line: 'kill -l', effects: ['exec'] },
    ],
  },
  ...alike('pkill killall skill snice xkill fuser renice', { grammar: 'none', effects: ['proc.signal'] }, (name) => ({
    line: `${name} -9 a`,
    effects: ['proc.signal'],
  })),
  ...alike(
    'useradd adduser usermod userdel deluser groupadd addgroup groupmod groupdel delgroup gpasswd passwd chpasswd chage chsh chfn newusers vipw vigr visudo pwconv grpconv pam-auth-update dscl net',
    { grammar: 'none', effects: ['priv.change'] },
    (name) => ({ line: `${name} a`, effects: ['priv.change'] }),
  ),
  ...alike(
    'iptables ip6tables iptables-restore ip6tables-restore nft ufw firewall-cmd ipset ebtables arptables tc route brctl nmcli setenforce aa-disable aa-complain auditctl hostnamectl timedatectl localectl loginctl',
    { grammar: 'none', effects: ['sys.service', 'priv.change'] },
    (name) => ({
      line: `${name} -F`,
      effects: ['sys.service', 'priv.change'],
    }),
  ),
  {
    names: ['mount'],
    grammar: 'gnu',
    otherOptions: 'plain',
    withoutOperands: ['exec'],
    options: [...options('-a,--all', { effects: ['fs.perm'] }), ...options('-l -V,--version -h,--help')],
    operands: { rest: 'perm' },
    examples: [
      { line: 'mount', effects: ['exec'] },
      { line: 'mount /dev/sdz /mnt', effects: ['fs.perm'] },
    ],
  },
  ...alike(
    'umount swapon swapoff losetup fsck e2fsck xfs_repair tune2fs resize2fs dmsetup lvcreate lvextend vgcreate partprobe modprobe insmod rmmod depmod ldconfig',
    { grammar: 'none', effects: ['priv.change'] },
    (name) => ({
      line: `${name} a`,
      effects: ['priv.change'],
    }),
  ),
  {
    names: ['crontab'],
    options: [
      ...options('-l', { cancels: ['persist'] }),
      ...options('-r', { effects: ['fs.delete'] }),
      ...options('-e', { effects: ['exec.unknown'] }),
      ...options('-u= -i -s -x= -T=', {}),
    ],
    effects: ['persist'],
    operands: { first: ['script'] },
    examples: [
      { line: 'crontab a', effects: ['persist', { kind: 'code.local', targets: ['a'] }] },
      { line: 'crontab -r', effects: ['persist', 'fs.delete'] },
      { line: 'crontab -l', effects: ['exec'] },
      { line: 'crontab -', effects: ['persist'] },
    ],
  },
  ...alike(
    'at batch',
    {
      options: [
        ...options('-f=', { role: 'script' }),
        ...options('-l -V -m -M -v -b'),
        ...options('-t= -q='),
        ...options('-c='),
        ...options('-d -r', { effects: ['fs.delete'] }),
      ],
      effects: ['persist'],
      stdin: 'shell',
    },
    (name) => ({ line: `${name} -f a now`, effects: ['persist', 'code.local'] }),
  ),
  ...alike('atq', { otherOptions: 'plain' }, () => ({ line: 'atq', effects: ['exec'] })),
  ...alike('atrm', { effects: ['fs.delete'], otherOptions: 'plain' }, () => ({
    line: 'atrm 1',
    effects: ['fs.delete'],
  })),
  ...alike(
    'gpg gpg2 gpgsm age pass vault op',
    { grammar: 'none', effects: ['fs.read', 'fs.write', 'net.connect', 'exec.unknown'] },
    (name) => ({
      line: `${name} x`,
      effects: ['fs.read', 'fs.write', 'net.connect', 'exec.unknown'],
    }),
  ),
  {
    names: ['openssl'],
    subcommands: {
      ...by({ grammar: 'none' }, 'version ciphers list prime errstr'),
      rand: {
        grammar: 'long-dash',
        options: [
          ...options('-out=', { role: 'write' }),
          ...options('-rand= -writerand=', { effects: ['fs.write'] }),
          ...options('-base64 -hex'),
        ],
      },
      s_client: { grammar: 'none', effects: ['net.connect', 'net.upload'] },
      s_server: { grammar: 'none', effects: ['net.listen', 'fs.read'] },
      // An engine or a provider is a library that it loads.
      '*': { grammar: 'none', effects: ['fs.read', 'fs.write', 'exec.unknown'] },
    },
    examples: [
      { line: 'openssl version', effects: ['exec'] },
      { line: 'openssl rand -hex 16', effects: ['exec'] },
      { line: 'openssl enc -in a -out b', effects: ['fs.read', 'fs.write', 'exec.unknown'] },
    ],
  },
  ...alike('newgrp sg', { grammar: 'none', effects: ['priv.change', 'exec.unknown'] }, (name) => ({
    line: `${name} a`,
    effects: ['priv.change', 'exec.unknown'],
  })),
  ...alike('sync', { otherOptions: 'plain' }, () => ({ line: 'sync', effects: ['exec'] })),
  ...alike(
    'open xdg-open start wslview sensible-browser',
    { grammar: 'none', effects: ['exec.unknown', 'net.connect', 'fs.read'] },
    (name) => ({ line: `${name} a`, effects: ['exec.unknown', 'net.connect', 'fs.read'] }),
  ),
  ...alike(
    'pbcopy xclip xsel wl-copy pbpaste wl-paste notify-send logger',
    { grammar: 'none', effects: ['exec'] },
    (name) => ({ line: `${name} a`, effects: ['exec'] }),
  ),
]
