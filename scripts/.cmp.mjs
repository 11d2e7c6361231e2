import { fromSource } from '/work/wt/packages/scripts/source.mjs'
import { readdirSync, readFileSync, mkdirSync, writeFileSync, rmSync, existsSync, lstatSync } from 'node:fs'
import { execFileSync, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
const [b, om, p, br, cap] = await fromSource('sysroot/bundle-sysroot','inputs/open-machine','probes/machine','report/probe/build','capture/capture')
const shell = (process.env.SH ?? 'sh').split(' ')
const only = process.argv[2]
const report = async (selection) => ({...br.buildReport(p.probeMachine((await om.openMachine(selection)).sysroot)), source:'', inputs:[], nextPiece:''})
let same=0, diff=0
const W=`/tmp/cmpw${process.env.T??""}`; 
for (const d of ['/work/wt/packages/test/fixtures','/work/shared/captures']) for (const f of readdirSync(d)) {
  if (!f.endsWith('.tar.gz') || (only && !f.includes(only))) continue
  rmSync(W,{recursive:true,force:true}); mkdirSync(W)
  execFileSync('tar',['-xzf',join(d,f),'-C',W])
  const manifest = existsSync(W+'/manifest.json') ? JSON.parse(readFileSync(W+'/manifest.json','utf8')) : {}
  const root = W+'/tree'; execFileSync('mv',[W+'/sysroot',root])
  for (const [dir,names] of Object.entries(manifest.listings??{})) for (const n of names) {
    const path=join(root,dir,n); let there=true; try { lstatSync(path) } catch { there=false }
    if (!there && !(manifest.absent??[]).includes(`${dir}/${n}`)) { mkdirSync(dirname(path),{recursive:true}); (/^sys\/(firmware|class|kernel|bus)$/.test(dir) ? mkdirSync(path) : writeFileSync(path,'')) }
  }
  const captured = join(W,'captured.tar.gz')
  const c = cap.captureMachine((await om.openMachine({sysroot: root})).sysroot, p.probeMachine)
  writeFileSync(captured, await c.bundle())
  const collected = join(W,'collected.tar.gz')
  const t=Date.now()
  const r = spawnSync(shell[0],[...shell.slice(1),'/work/wt/packages/scripts/collect.sh',collected],{env:{COLLECT_ROOT:root,PATH:process.env.PATH}})
  const ms=Date.now()-t
  if (r.status!==0) { console.log(f,'exit',r.status,String(r.stderr)); diff++; continue }
  const odd = String(r.stderr).split('\n').filter(l=>l&&!/^collect.sh: |^  /.test(l))
  if (odd.length) console.log(f, 'STDERR', odd.slice(0,5))
  const one=JSON.stringify(await report({bundle:captured}),null,1), two=JSON.stringify(await report({bundle:collected}),null,1)
  if (one===two) { same++; if (ms>3000) console.log(f,ms) } else { diff++; console.log('DIFF',f,ms); writeFileSync('/tmp/one.json',one); writeFileSync('/tmp/two.json',two); const o=spawnSync('diff',['/tmp/one.json','/tmp/two.json']); console.log(String(o.stdout).slice(0,1500)) }
}
console.log({same,diff})
