import { playPowerCuts } from './power/cuts.ts'
const t=performance.now()
for (const cuts of [5,105]) { const t=performance.now(); const r=await playPowerCuts({acknowledged:600,cuts},5); console.log(cuts, Math.round(performance.now()-t), r) }
