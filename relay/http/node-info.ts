import type { RelayInfo } from '../info.ts'

/** NodeInfo 2.1, for whoever counts the servers of a network (https://nodeinfo.diaspora.software). */
export const nodeInfoLinks = (url: URL) => ({
  links: [
    {
      rel: 'http://nodeinfo.diaspora.software/ns/schema/2.1',
      href: new URL('/nodeinfo/2.1', url).href,
    },
  ],
})

export const nodeInfo = ({ name, description = '', software, version, supported_nips }: RelayInfo) => ({
  version: '2.1',
  software: { name: software, version },
  protocols: ['nostr'],
  services: { inbound: [], outbound: [] },
  openRegistrations: false,
  usage: { users: {} },
  metadata: { nodeName: name, nodeDescription: description, supportedNips: supported_nips },
})
