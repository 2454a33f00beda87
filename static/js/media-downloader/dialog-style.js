// The style of the quality dialog.

import { sheet } from "./style.js";

export const dialogStyle = sheet(`
dialog {
  width: min(27rem, calc(100vw - 1.5rem)); max-height: min(44rem, calc(100dvh - 1.5rem)); padding: 0;
  border: 1px solid var(--line); border-radius: calc(var(--radius) * 1.3);
  background: var(--surface); color: var(--text); overflow: hidden;
  box-shadow: 0 1.5rem 4rem rgb(8 20 28 / 32%);
}
dialog:focus { outline: none; }
dialog::backdrop { background: rgb(10 20 27 / 55%); }
form { display: grid; grid-template-rows: auto minmax(0, 1fr) auto auto; gap: 1rem; max-height: inherit; padding: 1.25rem 0; }
form > * { padding-inline: 1.25rem; }
.body { overflow: auto; padding-block: 0.25rem; margin-block: -0.25rem; }
h2 { font-size: 1.1875rem; line-height: 1.3; letter-spacing: -0.01em; }
.of { margin-top: 0.15rem; color: var(--text-soft); font-size: 0.875rem; display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
fieldset { display: grid; gap: 0.4rem; min-width: 0; margin: 0; padding: 0; border: 0; }
.offer {
  display: grid; grid-template-columns: auto minmax(0, 1fr) auto; align-items: center; gap: 0 0.75rem;
  min-height: var(--target); padding: 0.4rem 0.9rem; border: 1px solid var(--line); border-radius: var(--radius);
  cursor: pointer; transition: background-color 140ms, border-color 140ms;
}
.offer:hover { border-color: var(--line-strong); }
.offer:has(:checked) { border-color: var(--accent); background: var(--accent-wash); }
.offer:has(:focus-visible) { outline: 2px solid var(--accent-strong); outline-offset: 2px; }
.offer input { width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); outline: none; }
.what { display: flex; flex-wrap: wrap; align-items: baseline; column-gap: 0.7rem; }
.name { display: inline-block; min-width: 3.4rem; font-weight: 600; }
.name::first-letter { text-transform: uppercase; }
.hint { color: var(--text-soft); font-size: 0.8125rem; text-wrap: balance; font-weight: 400; }
.size { color: var(--text-soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.offer:has(:checked) .size { color: var(--text); }
.keep:not([hidden]) { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
select {
  min-height: var(--target); padding: 0 0.7rem; border: 1px solid var(--line-strong); border-radius: var(--radius-small);
  background: var(--surface); color: var(--text); font: inherit; cursor: pointer;
}
.more { margin-top: 0.5rem; }
summary {
  display: flex; align-items: center; gap: 0.6rem; min-height: var(--target); padding: 0 0.9rem;
  border-radius: var(--radius); color: var(--text-soft); font-weight: 550; cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary::before {
  content: ""; flex: none; width: 0.4rem; height: 0.4rem; border: solid currentcolor; border-width: 0 1.6px 1.6px 0;
  transform: rotate(-45deg); transition: transform 140ms;
}
summary:dir(rtl)::before { transform: rotate(135deg); }
[open] > summary::before { transform: rotate(45deg); }
summary:hover { background: var(--raised); color: var(--text); }
.more > :not(summary) { margin-top: 0.4rem; padding-inline: 0.9rem 0; }
.option { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
.option select { max-width: 60%; }
.option-many legend { padding: 0; }
.languages {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); max-height: 11.5rem; overflow: auto;
  margin-top: 0.4rem; border: 1px solid var(--line); border-radius: var(--radius-small);
}
.check { display: flex; align-items: center; gap: 0.6rem; min-height: var(--target); cursor: pointer; }
.languages .check { padding: 0.25rem 0.75rem; }
.languages .check:hover { background: var(--raised); }
.check:has(:disabled) { opacity: 0.55; cursor: default; }
.check input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); }
.foot { display: flex; justify-content: flex-end; gap: 0.5rem; }
.bones { display: grid; gap: 0.4rem; }
.bones .bone { height: var(--target); border-radius: var(--radius); }
.said { padding: 0.7rem 0.9rem; border-radius: var(--radius-small); background: var(--bad-wash); }
@media (max-width: 30rem) {
  dialog { margin-bottom: 0.75rem; }
  form { padding-block: 1rem; }
  form > * { padding-inline: 1rem; }
  .foot .button { flex: 1; }
  .what { flex-direction: column; }
}
`);
