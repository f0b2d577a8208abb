/**
 * Which files are being uploaded to which videos. It outlives the page: who chooses the same file again after a reload
 * goes on where the upload stopped. A browser keeps no file, so it has to be chosen again.
 */
export interface Memory {
  find(file: FileFacts): string | null;
  remember(file: FileFacts, videoId: string): void;
  forget(file: FileFacts): void;
  /** What was left unfinished, oldest first. */
  entries(): Entry[];
}

/** What makes a file the same file. */
export interface FileFacts {
  name: string;
  size: number;
  /** Milliseconds since 1970. */
  lastModified: number;
}

export interface Entry extends FileFacts {
  videoId: string;
}

const KEY = 'unfinished-uploads';
/** Older uploads are forgotten first; a browser's storage is small. */
const MOST = 50;

/** The memory of one user: another one at the same browser has uploads of their own. */
export function memoryIn(storage: Pick<Storage, 'getItem' | 'setItem'>, userId: string): Memory {
  const key = `${KEY} ${userId}`;
  const read = (): Entry[] => {
    try {
      const entries: unknown = JSON.parse(storage.getItem(key) ?? '[]');
      return Array.isArray(entries) ? (entries as Entry[]) : [];
    } catch {
      return [];
    }
  };
  const write = (entries: Entry[]) => {
    try {
      storage.setItem(key, JSON.stringify(entries.slice(-MOST)));
    } catch {
      // Full or forbidden: uploads work, and can't be resumed after a reload.
    }
  };
  const others = (file: FileFacts) => read().filter((entry) => !isSame(entry, file));
  return {
    find: (file) => read().find((entry) => isSame(entry, file))?.videoId ?? null,
    remember: ({ name, size, lastModified }, videoId) =>
      write([...others({ name, size, lastModified }), { name, size, lastModified, videoId }]),
    forget: (file) => write(others(file)),
    entries: read,
  };
}

export function isSame(one: FileFacts, other: FileFacts): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}
