// Before the first paint: the theme and the column widths this device chose.
try {
  const root = document.documentElement
  root.dataset.theme = localStorage.getItem('oa.theme') ?? 'system'
  for (const side of ['left', 'right']) {
    const width = Number(localStorage.getItem(`oa.column.${side}`))
    if (width > 0) root.style.setProperty(`--column-${side}`, `${width}px`)
  }
} catch {
  // Storage is blocked: the defaults of the style sheet hold.
}
