import { paths } from '../../kernel/ports.ts'

/** What an entry of `extends` begins with that names a pack. */
const PREFIX = 'capfence:'

/** The packs that ship with CapFence: a closed set, so that no name leads to another file. */
export const PACKS: readonly string[] = [
  'filesystem',
  'github',
  'http',
  'kubernetes',
  'payments',
  'shell',
  'sql',
].flatMap((domain) => [`${domain}/standard`, `${domain}/strict`])

/** Whether an entry of `extends` names a pack, known or not. */
export function isPack(entry: string): boolean {
  return entry.startsWith(PREFIX)
}

/** What is wrong with the name of a pack, or undefined. */
export function checkPack(entry: string): string | undefined {
  if (PACKS.includes(entry.slice(PREFIX.length))) return undefined
  const shown = JSON.stringify(entry.length <= 60 ? entry : `${entry.slice(0, 59)}…`)
  return `there is no pack ${shown}: there are ${PACKS.map((name) => `\`${PREFIX}${name}\``).join(', ')}`
}

/** Whether a file of this name is a pack: no file's own name has a slash. */
export function isPackName(name: string | undefined): boolean {
  return name !== undefined && isPack(name) && checkPack(name) === undefined
}

/** The file of a pack that `checkPack` found nothing wrong with. */
export function packFile(entry: string): string {
  return paths.join(paths.shipped('policies'), `${entry.slice(PREFIX.length)}.yaml`)
}
