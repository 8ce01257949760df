/** Which file of a folder is whose: `WRITER/genuine/*` and `WRITER/forged/*`, as the trainer takes it. */

/** A file with its place below the folder that was given, parts joined by `/`. */
export interface Found {
  readonly path: string;
  readonly file: File;
}

export interface Writer {
  readonly name: string;
  readonly genuine: readonly Found[];
  readonly forged: readonly Found[];
}

/** More files are refused: each takes about a tenth of a second, and a page is no place to wait for hours. */
export const MOST_FILES = 5000;
/** As large as a file may be for the Rust side; a larger one is not even read. */
export const MOST_BYTES = 32 << 20;

const EXPECTED = "a folder that holds WRITER/genuine/* and WRITER/forged/*";
const IMAGE = /\.(png|jpe?g|webp|bmp|tiff?|gif)$/i;

/** What is wrong with a folder, in a sentence for people. */
export class LayoutError extends Error {
  override readonly name = "LayoutError";
}

/**
 * The writers in a folder, in the order of their names, the signatures of each in the order of theirs.
 *
 * Files that the system keeps (names that begin with a dot, Thumbs.db, desktop.ini) are passed over; a picture that is
 * neither genuine nor forged is an error, as for the trainer.
 *
 * @throws LayoutError which file or folder is not as expected.
 */
export function writersIn(files: readonly Found[]): Writer[] {
  if (files.length > MOST_FILES) throw tooMany();
  const writers = new Map<string, { name: string; genuine: Found[]; forged: Found[] }>();
  for (const found of files) {
    const parts = found.path.split("/").filter((part) => part !== "");
    const [name = "", kind, writer] = [...parts].reverse();
    if (isOfSystem(name)) continue;
    if ((kind !== "genuine" && kind !== "forged") || writer === undefined) {
      if (!IMAGE.test(name)) continue;
      throw new LayoutError(`${found.path} is neither genuine nor forged; expected ${EXPECTED}`);
    }
    // By the whole path: two folders of one name are two writers.
    const key = parts.slice(0, -2).join("/");
    const entry = writers.get(key) ?? { name: key, genuine: [], forged: [] };
    writers.set(key, entry);
    entry[kind].push(found);
  }
  const order = new Intl.Collator("en", { numeric: true }).compare;
  const sorted = [...writers.values()].sort((a, b) => order(a.name, b.name));
  if (sorted.length === 0) throw new LayoutError(`there are no signatures; expected ${EXPECTED}`);
  for (const { name, genuine, forged } of sorted) {
    if (genuine.length === 0) throw new LayoutError(`${name} holds no genuine signature; expected ${EXPECTED}`);
    for (const list of [genuine, forged]) list.sort((a, b) => order(a.path, b.path));
  }
  return sorted;
}

export function tooMany(): LayoutError {
  const most = MOST_FILES.toLocaleString("en");
  return new LayoutError(`there are more than ${most} files, the most that this page takes; give fewer writers, or use the program evaluate`);
}

function isOfSystem(name: string): boolean {
  return name.startsWith(".") || name === "Thumbs.db" || name === "desktop.ini";
}
