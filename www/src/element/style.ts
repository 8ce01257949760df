/** The look of both elements. Every colour can be set from outside; all sides are logical, for both directions. */
export const STYLE = `
:host {
  --_ink: var(--countersign-ink, #16233f);
  --_paper: var(--countersign-paper, #fdfdfb);
  --_line: var(--countersign-line, light-dark(#767d8c, #8b93a4));
  --_text: var(--countersign-text, light-dark(#16202f, #e8ecf4));
  --_back: var(--countersign-button, light-dark(#eef0f5, #2a3242));
  --_accent: var(--countersign-accent, light-dark(#1f4b99, #8fb4f5));
  --_match: var(--countersign-match, light-dark(#126b3c, #5fd39a));
  --_mismatch: var(--countersign-mismatch, light-dark(#b3261e, #ff8a80));
  --_unsure: var(--countersign-unsure, light-dark(#7d5200, #f0c060));
  display: inline-block;
  box-sizing: border-box;
  inline-size: min(100%, var(--countersign-width, 30rem));
  color: var(--_text);
  font: inherit;
  text-align: start;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
/* Each text runs as its own language does, and stands where the page's would. */
p, h2, button, label > span, .unseen { unicode-bidi: plaintext; }
:host(:dir(rtl)) :is(p, h2) { text-align: right; }
.surface {
  position: relative;
  inline-size: 100%;
  aspect-ratio: var(--countersign-ratio, 5 / 2);
  border: 1px solid var(--_line);
  border-radius: var(--countersign-radius, 0.5rem);
  background: var(--_paper);
  overflow: hidden;
}
.surface:focus-visible, button:focus-visible, input:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.held:focus-visible { outline: none; }
.surface.target { outline: 2px dashed var(--_accent); outline-offset: -0.4rem; }
canvas, .picture {
  position: absolute;
  inset: 0;
  inline-size: 100%;
  block-size: 100%;
  color: var(--_ink);
  cursor: crosshair;
}
.picture { object-fit: contain; padding: 0.4rem; background: var(--_paper); cursor: default; }
.unseen {
  position: absolute;
  inset: 0;
  display: grid;
  place-content: center;
  padding: 0.4rem;
  color: var(--_ink);
  overflow-wrap: anywhere;
  text-align: center;
}
.hint {
  position: absolute;
  inset-inline: 8%;
  inset-block-end: 18%;
  margin: 0;
  padding-block-start: 0.2rem;
  border-block-start: 1px solid;
  color: color-mix(in srgb, var(--_ink) 70%, var(--_paper));
  font-size: 0.9em;
  pointer-events: none;
}
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-block-start: 0.5rem; }
button {
  min-block-size: 2.5rem;
  padding: 0.3rem 0.8rem;
  border: 1px solid var(--_line);
  border-radius: var(--countersign-radius, 0.5rem);
  background: var(--_back);
  color: inherit;
  font: inherit;
  cursor: pointer;
}
button:disabled { opacity: 0.55; cursor: default; }
button.primary { background: var(--_accent); border-color: var(--_accent); color: light-dark(#fff, #0d1a30); font-weight: 600; }
.verdict + button { margin-block-start: 0.4rem; }
.verdict { min-block-size: 1.5em; margin: 0.4rem 0 0; }
.verdict::before { font-weight: 700; }
.verdict[data-state="match"], .verdict[data-state="kept"] { color: var(--_match); }
.verdict[data-state="match"]::before, .verdict[data-state="kept"]::before { content: "\\2713\\a0" / ""; }
.verdict[data-state="mismatch"], .verdict[data-state="error"], .verdict[data-state="refused"] { color: var(--_mismatch); }
.verdict[data-state="mismatch"]::before, .verdict[data-state="error"]::before, .verdict[data-state="refused"]::before { content: "\\2715\\a0" / ""; }
.verdict[data-state="unsure"], .verdict[data-state="unchecked"] { color: var(--_unsure); }
.verdict[data-state="unsure"]::before, .verdict[data-state="unchecked"]::before { content: "?\\a0" / ""; }
.progress { display: block; inline-size: 100%; block-size: 0.5rem; margin-block-start: 0.3rem; accent-color: var(--_accent); }
.typed label { display: block; }
.typed input {
  inline-size: 100%;
  min-block-size: 2.5rem;
  margin-block: 0.2rem;
  padding: 0.3rem 0.6rem;
  border: 1px solid var(--_line);
  border-radius: var(--countersign-radius, 0.5rem);
  background: light-dark(#fff, #11151d);
  color: inherit;
  font: inherit;
}
.typed p { margin: 0; font-size: 0.9em; }
.seen-only-by-readers { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h2 { margin: 0; font-size: 1.1em; }
.step { margin: 0.2rem 0 0.5rem; }
.kept { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.5rem 0 0; padding: 0; list-style: none; }
.kept li { position: relative; inline-size: 7rem; aspect-ratio: 5 / 2; border: 1px solid var(--_line); border-radius: 0.4rem; background: var(--_paper); }
.kept img { inline-size: 100%; block-size: 100%; object-fit: contain; padding: 0.2rem; }
.kept button { position: absolute; inset-block-start: 0; inset-inline-end: 0; min-block-size: 1.8rem; inline-size: 1.8rem; padding: 0; }
.consistency { margin-block-start: 0.5rem; }
.consistency meter { display: block; inline-size: 100%; block-size: 1.2rem; }
@media (forced-colors: active) { .surface { border-width: 2px; } }
`;
