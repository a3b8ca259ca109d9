/** In place of a part that threw. */
export const Broken = (props: { reset(): void }) => (
  <section class="empty">
    <h1>This part stopped working. The rest is fine.</h1>
    <button type="button" class="button primary" onClick={() => props.reset()}>
      Reload this part
    </button>
  </section>
)
