/** The files of a folder that was chosen or dropped, with their paths. */
import { type Found, MOST_FILES, tooMany } from "./layout.ts";

/** Of an input with `webkitdirectory`. */
export function chosen(files: FileList | null): Found[] {
  return [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/**
 * Of a drop. Reads folders to their ends, but no more files than the page takes.
 *
 * @throws LayoutError for too many files; the browser's error for a folder that cannot be read.
 */
export async function dropped(data: DataTransfer | null): Promise<Found[]> {
  // Asked before the first wait: afterwards the browser has emptied the list.
  const waiting = [...(data?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const found: Found[] = [];
  for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
    if (isFile(entry)) found.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry) });
    else if (isFolder(entry)) waiting.push(...(await children(entry)));
    if (found.length + waiting.length > MOST_FILES) throw tooMany();
  }
  return found;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives a folder's entries in parts; an empty one is the last. */
async function children(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all;
    all.push(...part);
    if (all.length > MOST_FILES) throw tooMany();
  }
}
