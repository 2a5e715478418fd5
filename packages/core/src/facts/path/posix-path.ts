/** An absolute path without `.`, `..`, doubled or final slashes. Links are not looked at. */
export function normalised(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') kept.pop()
    else kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/** The folder of a normalised path; `/` for itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

/** True where a path is a folder or stands below it, by segment; both normalised. */
export function isUnder(path: string, folder: string): boolean {
  if (folder === '/') return true
  return path.startsWith(folder) && (path.length === folder.length || path[folder.length] === '/')
}
