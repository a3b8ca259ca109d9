import { count, flag, list, positive } from '#nips/kit/settings'
import { setting } from './strfry-conf/row.ts'

const kinds = (raw: string): readonly number[] => list(raw).map(count)

/** What an operator may ask of requests beyond the limits that always hold. */
export const filterSettings = {
  filterValidation: setting({
    env: 'RELAY_FILTER_VALIDATION',
    doc: '1 refuses requests that the five settings after this one do not allow',
    parse: flag,
    default: false,
    strfry: 'relay.filterValidation.enabled',
    reload: true,
  }),
  filterMaxFilters: setting({
    env: 'RELAY_FILTER_MAX_FILTERS',
    doc: 'filters of one request',
    parse: positive,
    default: 3,
    strfry: 'relay.filterValidation.maxFiltersPerReq',
    reload: true,
  }),
  filterMinFilters: setting({
    env: 'RELAY_FILTER_MIN_FILTERS',
    doc: 'filters that one request has to have',
    parse: count,
    default: 1,
    strfry: 'relay.filterValidation.minFiltersPerReq',
    reload: true,
  }),
  filterMaxKinds: setting({
    env: 'RELAY_FILTER_MAX_KINDS',
    doc: 'kinds of one filter',
    parse: count,
    default: 3,
    strfry: 'relay.filterValidation.maxKindsPerFilter',
    reload: true,
  }),
  filterKinds: setting({
    env: 'RELAY_FILTER_KINDS',
    doc: 'kinds that may be asked for, comma-separated; empty: all',
    parse: kinds,
    default: [],
    strfry: 'relay.filterValidation.allowedKinds',
    reload: true,
  }),
  filterAuthorOrTag: setting({
    env: 'RELAY_FILTER_AUTHOR_OR_TAG',
    doc: '1 wants an author or a tag in every filter',
    parse: flag,
    default: false,
    strfry: 'relay.filterValidation.requireAuthorOrTag',
    reload: true,
  }),
}
