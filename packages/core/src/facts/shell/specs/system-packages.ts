import type { CommandSpec, ProgramSpec } from '../program-spec.ts'
import { alike, options } from './options.ts'

const by = (command: CommandSpec, names: string): Readonly<Record<string, CommandSpec>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, command]))

/** Options of apt that name programs to start, as any of its settings may. */
const SETTINGS = options('-o,--option= -c,--config-file=', { effects: ['code.inline'] })
const QUIET = options(
  '-y,--yes,--assume-yes -q,--quiet -qq -n --no-install-recommends -f,--fix-broken -m,--fix-missing -d,--download-only -u,--show-upgraded -V,--verbose-versions -t,--target-release= --reinstall --only-upgrade --allow-downgrades --allow-unauthenticated --purge --auto-remove --installed --upgradable --upgradeable --all-versions -a --names-only --force-yes --no-upgrade --print-uris -s,--simulate,--dry-run --assumeno -h,--help -v,--version --enablerepo= --disablerepo= --nogpgcheck --skip-broken --security --refresh --noplugins --downloadonly -C -x= --exclude= --best --allowerasing --setopt= --cask --formula --force --verbose --json[=] --greedy --HEAD --no-cache --update --virtual= --noconfirm --needed -S -Sy -Syu -Syy',
)
// Maintainers' scripts run, as root.
const INSTALL: CommandSpec = { effects: ['net.connect', 'fs.write', 'exec.unknown'], options: [...SETTINGS, ...QUIET] }
const REMOVE: CommandSpec = { effects: ['fs.delete', 'exec.unknown'], options: [...SETTINGS, ...QUIET] }
const LOOK: CommandSpec = { options: [...SETTINGS, ...QUIET] }
const FETCH: CommandSpec = { effects: ['net.connect', 'fs.write'], options: [...SETTINGS, ...QUIET] }

const MANAGER: CommandSpec = {
  options: [...SETTINGS, ...QUIET],
  subcommands: {
    ...by(
      INSTALL,
      'install reinstall upgrade full-upgrade dist-upgrade build-dep localinstall groupinstall add satisfy dselect-upgrade fix downgrade update-all distro-sync group module swap tap bundle services cask link relink postinstall pin',
    ),
    ...by(REMOVE, 'remove purge autoremove erase uninstall rm del autoclean clean cleanup unlink untap prune'),
    ...by(FETCH, 'update download makecache source fetch check-update changelog refresh'),
    ...by(
      LOOK,
      'list show search policy depends rdepends info provides repolist history deps leaves outdated config doctor home desc cat log ls files showpkg madison pkgnames stats dump check repoquery --version version moo help --prefix --cellar',
    ),
    'edit-sources': { effects: ['exec.unknown', 'fs.write'], otherOptions: 'plain' },
  },
}

/** Programs that install software on the machine. */
export const systemPackages: readonly ProgramSpec[] = [
  ...alike(
    'apt apt-get aptitude apt-cache yum dnf microdnf zypper apk brew port pkg snap flatpak emerge xbps-install choco winget scoop',
    MANAGER,
    (name) => ({
      line: `${name} install a`,
      effects: ['net.connect', 'fs.write', 'exec.unknown'],
    }),
  ),
  ...alike(
    'pacman yay paru apt-mark apt-config apt-file apt-key add-apt-repository update-alternatives dpkg-reconfigure alternatives debconf-set-selections',
    { grammar: 'none', effects: ['net.connect', 'fs.write', 'fs.delete', 'exec.unknown'] },
    (name) => ({
      line: `${name} x`,
      effects: ['net.connect', 'fs.write', 'fs.delete', 'exec.unknown'],
    }),
  ),
  ...alike('dpkg-query dpkg-architecture', { otherOptions: 'plain' }, (name) => ({
    line: `${name} a`,
    effects: ['exec'],
  })),
  ...alike(
    'dpkg rpm',
    {
      options: [
        ...options('-i,--install -U,--upgrade --unpack --configure -F --freshen --reinstall', {
          effects: ['fs.write', 'exec.unknown'],
        }),
        ...options('-r,--remove -P,--purge -e,--erase', { effects: ['fs.delete', 'exec.unknown'] }),
        ...options(
          '-l,--list -L,--listfiles -s,--status -S,--search -p,--print-avail --get-selections --print-architecture --version --help -q,--query -a,--all -f,--file -c,--contents --info -I --changelog --last --requires --provides -v -h -V,--verify',
        ),
        ...options('--root= --admindir= --instdir='),
      ],
    },
    (name) => ({ line: `${name} -i a.pkg`, effects: ['fs.write', 'exec.unknown'] }),
  ),
]
