/** The report's looks, light and dark. */
export const style = `
:root{color-scheme:light dark;--ink:#1d2330;--soft:#5d6678;--paper:#fff;--card:#f5f6f9;--line:#d9dde6;
--reference:#9aa7bd;--current:#2563c9;--ok:#1a7f4b;--warning:#a86400;--drift:#c22f2f;--none:#6b7280}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#9aa3b5;--paper:#12151c;--card:#1b2029;
--line:#2e3542;--reference:#5f6d86;--current:#6ea3ff;--ok:#4cc38a;--warning:#e5a445;--drift:#ff7b72;--none:#8b93a3}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
h1{font-size:24px;margin:0 0 4px}h2{font-size:18px;margin:36px 0 10px}h3{font-size:15px;margin:0 0 6px}
p{margin:4px 0}.soft,figcaption{color:var(--soft)}
.verdict{font-weight:600;white-space:nowrap}
.ok{color:var(--ok)}.warning{color:var(--warning)}.drift{color:var(--drift)}
.insufficient-data,.no-reference{color:var(--none)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:10px;margin:18px 0}
.figures div{background:var(--card);border-radius:8px;padding:10px 14px}
.figures b{display:block;font-size:20px;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
th,td.number,.keep{white-space:nowrap}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500}td.number,th.number{text-align:right}
details td:nth-child(9){min-width:170px}
td.name{min-width:110px;max-width:260px;overflow-wrap:break-word}
figure.episodes{max-width:760px}
details{background:var(--card);border-radius:8px;margin:10px 0;padding:10px 16px}
summary{cursor:pointer;font-weight:600;overflow-wrap:anywhere}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:18px;margin:12px 0}
figure{margin:0;max-width:640px;overflow-x:auto}figcaption{font-size:13px;margin-bottom:2px}
svg{width:100%;min-width:460px;height:auto;display:block}
svg text{fill:var(--soft);font-size:10.5px}svg .end{text-anchor:end}svg .middle{text-anchor:middle}
.axis{stroke:var(--line)}rect.reference{fill:var(--reference)}rect.current{fill:var(--current)}
polyline{fill:none;stroke-width:1.5;stroke-linejoin:round}
.statistic{stroke:var(--current)}.critical{stroke:var(--drift);stroke-dasharray:4 3}
circle.drift{fill:var(--drift)}rect.episode{fill:var(--drift);opacity:.1}
rect.bar{fill:var(--warning)}rect.bar.open{fill:var(--drift)}
.key::before{content:"";display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 10px}
.key.r::before{background:var(--reference)}.key.c::before{background:var(--current)}
`;
