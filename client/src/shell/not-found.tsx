import { Bar } from './bar.tsx'

export const NotFound = () => (
  <>
    <Bar title="Not found" />
    <section class="empty scroll">
      <h2>There is no page at this address.</h2>
      <p class="soft">It may have moved, or the link has a typing error.</p>
      <a class="button primary" href="/">
        Go to your chat
      </a>
    </section>
  </>
)
