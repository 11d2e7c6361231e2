/** Colours repeat what signs and words say; light and dark as whoever reads has it. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fdfdfb;--ink:#1c1c1a;--quiet:#5d5d57;--line:#d9d9d2;--box:#f4f4ef;--bad:#a8201a;--open:#7a5200;--caveat:#5c5c00;--good:#14633a}
@media (prefers-color-scheme:dark){:root{--paper:#161614;--ink:#eceae4;--quiet:#a3a199;--line:#3a3a35;--box:#22221f;--bad:#ff8a80;--open:#ffc46b;--caveat:#dcd66a;--good:#7fd6a0}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:76rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.05rem;font-weight:500;color:var(--quiet);margin:0}
h2{font-size:1rem;margin:2rem 0 .5rem}
.answer{font-size:1.35rem;line-height:1.35;margin:.4rem 0;text-wrap:balance}
.quiet,small,footer{color:var(--quiet)}
.isolated{color:var(--good)}.isolated-with-caveats{color:var(--caveat)}.unknown{color:var(--open)}.not-isolated{color:var(--bad)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td:first-child,.code{white-space:nowrap}
th button{font:inherit;font-weight:600;color:inherit;background:none;border:0;padding:0;cursor:pointer}
th[aria-sort=ascending] button::after{content:" \\2191"}th[aria-sort=descending] button::after{content:" \\2193"}
.code,code,.verdict b{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.92em}
code{overflow-wrap:anywhere}
li{margin:.25rem 0}
.actor{border:1px solid var(--line);border-radius:3px;padding:0 .4em;font-size:.85em}
details{border-top:1px solid var(--line);padding:.4rem 0}summary{cursor:pointer}
.severity.critical,.severity.high{color:var(--bad)}.severity.medium{color:var(--open)}
footer{margin-top:2.5rem;font-size:.85em}
`

/** Sorts the table by a column; without it the table stands worst first. */
export const PAGE_SCRIPT = `
for(const table of document.querySelectorAll('table.sortable')){
  const heads=[...table.tHead.rows[0].cells],body=table.tBodies[0];
  heads.forEach((head,column)=>head.firstChild.addEventListener('click',()=>{
    const down=head.getAttribute('aria-sort')==='ascending';
    for(const other of heads)other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort',down?'descending':'ascending');
    const key=row=>row.cells[column].dataset.order??row.cells[column].textContent;
    const rows=[...body.rows].sort((a,b)=>key(a).localeCompare(key(b),'en',{numeric:true}));
    body.append(...(down?rows.reverse():rows));
  }));
}
`
