/** Who, by shape: a circle is a person, a rounded square an agent, a diamond a machine. */
export const Avatar = (props: { who: 'person' | 'agent' | 'machine'; name: string }) => (
  <span class="avatar" data-who={props.who} aria-hidden="true">
    <span>{initial(props.name)}</span>
  </span>
)

const initial = (name: string): string => [...name.replace(/^npub1/, '')][0]?.toUpperCase() ?? '?'
