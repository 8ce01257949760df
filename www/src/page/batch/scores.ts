/** The scores as files. */
import type { Outcome } from "./run.ts";

/** What the scores add up to. */
export interface Summary {
  readonly writers: number;
  readonly genuine: readonly number[];
  readonly forged: readonly number[];
}

export function summary({ scores }: Outcome): Summary {
  const llrs = (genuine: boolean): number[] => scores.filter((one) => one.genuine === genuine).map(({ llr }) => llr);
  return { writers: new Set(scores.map(({ writer }) => writer)).size, genuine: llrs(true), forged: llrs(false) };
}

/** A table with a line for each questioned signature. */
export function csv({ scores }: Outcome): string {
  const lines = scores.map(({ writer, path, genuine, llr, decision }) =>
    [text(writer), text(path), genuine ? "genuine" : "forged", llr, decision].join(","),
  );
  return ["writer,path,label,llr,decision", ...lines, ""].join("\r\n");
}

export function json(outcome: Outcome, about: { readonly model: string; readonly backend: string; readonly eer: number | null }): string {
  const { writers, genuine, forged } = summary(outcome);
  return JSON.stringify({ ...about, writers, genuine: genuine.length, forged: forged.length, ...outcome }, null, 1);
}

/** Quoted where needed, also for programs of countries that write a semicolon between columns; a name must not become a formula in a spreadsheet. */
function text(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
