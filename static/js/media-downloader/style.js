// Styles that the element and the dialog share: colours, text, buttons. Each `--ferry-...` may be set by
// the page around; light and dark follow the `color-scheme` of where the element stands.

/** @param {string} css */
export function sheet(css) {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}

export const base = sheet(`
:host {
  --accent: var(--ferry-accent, light-dark(#0b6684, #5cc0de));
  --accent-strong: var(--ferry-accent-strong, light-dark(#084f67, #86d3ea));
  --on-accent: var(--ferry-on-accent, light-dark(#fff, #06222c));
  --accent-wash: var(--ferry-accent-wash, light-dark(#e3f1f6, #12313d));
  --surface: var(--ferry-surface, light-dark(#fff, #182026));
  --raised: var(--ferry-raised, light-dark(#eef2f5, #212b32));
  --line: var(--ferry-line, light-dark(#dbe2e8, #2a363f));
  --line-strong: var(--ferry-line-strong, light-dark(#8493a0, #6d7f8c));
  --text: var(--ferry-text, light-dark(#16212a, #e7edf1));
  --text-soft: var(--ferry-text-soft, light-dark(#52616d, #9fb0bc));
  --good: var(--ferry-good, light-dark(#17714a, #5fce98));
  --bad: var(--ferry-bad, light-dark(#b02a1f, #ff968a));
  --bad-wash: var(--ferry-bad-wash, light-dark(#fcebe9, #3d1b18));
  --track: var(--ferry-track, light-dark(#e3e9ee, #2a363f));
  --radius: var(--ferry-radius, 0.625rem);
  --radius-small: calc(var(--radius) * 0.7);
  --target: 2.75rem;
  color: var(--text);
  font: var(--ferry-font, 0.9375rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  text-align: start;
  overflow-wrap: anywhere;
}
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
p, h2 { margin: 0; }
:focus-visible { outline: 2px solid var(--accent-strong); outline-offset: 2px; }
.button {
  display: inline-flex; align-items: center; justify-content: center; gap: 0.4rem;
  min-height: var(--target); padding: 0 0.9rem;
  border: 1px solid var(--line); border-radius: var(--radius-small);
  background: var(--surface); color: var(--text);
  font: inherit; font-weight: 550; white-space: nowrap; text-decoration: none; cursor: pointer;
  transition: background-color 140ms, border-color 140ms, color 140ms;
}
.button:hover { background: var(--raised); border-color: var(--line-strong); }
.button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); font-weight: 600; }
.button.primary:hover { background: var(--accent-strong); }
.button.quiet { border-color: transparent; background: transparent; color: var(--text-soft); }
.button.quiet:hover { background: var(--raised); color: var(--text); }
.button.danger:hover { background: var(--bad-wash); color: var(--bad); }
.button:disabled { opacity: 0.55; cursor: default; }
.icon {
  flex: none; width: 1.125rem; height: 1.125rem; fill: none; stroke: currentcolor;
  stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round;
}
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.bone { border-radius: var(--radius-small); background: var(--raised); animation: breathe 1.2s ease-in-out infinite alternate; }
@keyframes breathe { from { opacity: 0.45; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { *, *::before { animation: none !important; transition: none !important; } }
`);
