/** What the status page's style lacks. */
export const doctorStyle = `
.verdict { white-space: nowrap; font-weight: 600; }
.passed { color: var(--connected); } .failed { color: var(--alert); }
.works-with-remark, .could-not-tell { color: var(--text); } .not-needed { color: var(--soft); }
.verdict::before { display: inline-block; width: 1.4em; }
.passed::before { content: "\\2713"; } .failed::before { content: "\\2715"; }
.works-with-remark::before { content: "!"; } .could-not-tell::before { content: "?"; }
.not-needed::before { content: "\\2013"; }
td p { color: var(--text); } td p + p { margin-top: .4rem; }
.request { border-left: 3px solid var(--alert); padding-left: .6rem; }
.destination { overflow-wrap: anywhere; }
.results > tbody > tr > td:first-child { font: inherit; }
@media (min-width: 60rem) { td.destination { min-width: 19rem; } }
.host { font-family: ui-monospace, Consolas, monospace; font-size: .9em; }
ul { margin: .6rem 0 0; padding-left: 1.2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .8rem 0 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
details td, details th { overflow-wrap: anywhere; }
.frame { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; }
@media (max-width: 44rem) {
  .results thead { display: none; } .results > tbody > tr { display: block; padding: .5rem 0; border-top: 1px solid var(--line); }
  .results > tbody > tr > td { display: block; border: 0; padding: .15rem .8rem; }
}
@media print { details > table { display: table; } tr { break-inside: avoid; } }
`;
