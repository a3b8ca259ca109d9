import { resultKind } from '#nips/job'
import { callableJobs } from '#nips/jobs/index'
import { modelSettings } from '../settings.ts'
import type { Ask, Rule } from './ask.ts'

type Topic = { name: string; asked: RegExp; answer: () => string; more?: () => string }

const settingLines = (): string =>
  Object.values(modelSettings)
    .map(({ env, doc }) => `- \`${env}\`: ${doc}`)
    .join('\n')

const jobLines = (): string =>
  callableJobs
    .map((job) => {
      const consent = job.consent === 'decision' ? ' It needs your signed decision.' : ''
      return `- \`${job.name}\` (kind ${job.kind}, answered by ${resultKind(job)}): ${job.summary}${consent}`
    })
    .join('\n')

const CONNECT =
  'Set `OPENAI_API_KEY`, or `MODEL_BASE_URL` and `MODEL` for any OpenAI-compatible service, and start again with `npm start`. Or run Ollama or LM Studio on the same machine: it is found by itself. The key stays in the broker; no gateway sees it.'

/** What it knows, the particular before the general; the first topic that is asked for answers. */
const topics: readonly Topic[] = [
  {
    name: 'what I am',
    asked:
      /\b(?:who|what) are you\b|\b(?:what|which) (?:model|llm|ai) (?:are|is|do) |\bare you (?:an? |the )?(?:real|ai|artificial|bot|robot|human|person|model|offline|online|chatgpt|claude|llm)|\bwhat(?:['’]s| is) your name\b|\boffline model\b/i,
    answer: () =>
      'I am the offline model: rules and tables that are built into OpenAgents, without an AI. The OpenClaw gateway around me is real, and so is the whole way your message took. I answer until an AI provider is connected.',
    more: () => CONNECT,
  },
  {
    name: 'how to stop an answer',
    asked:
      /\b(?:stop|cancel|abort|interrupt)\b.*\b(?:answers?|reply|replies|runs?|jobs?|generat\w*|you|stream\w*|chat)\b|\bhow (?:do|can) i stop\b(?: it| this)?[?.!]*$/i,
    answer: () =>
      'Press Stop while I write. The run ends in the gateway itself, and the text so far stays, marked as stopped. From outside it is the job `abort` with the id of the running job.',
  },
  {
    name: 'connecting a real model',
    asked:
      /\b(?:real|better|other|another|different|actual|smarter|own)\b[^.?!]*\b(?:models?|llm|ai|provider)\b|\b(?:openai|ollama|lm ?studio|openrouter|anthropic|chatgpt|gpt|gemini|llama|mistral)\b|\b(?:api|provider|model) keys?\b|\bproviders\b|\b(?:connect|change|switch|configure|set ?up|choose|add|use)\b[^.?!]*\b(?:models?|provider|llm)\b|\b(?:OPENAI_API_KEY|MODEL_\w+)\b/i,
    answer: () => CONNECT,
    more: () =>
      `The settings are environment variables, read when it starts:\n${settingLines()}\n\n\`npm run doctor\` tells which provider is used and why.`,
  },
  {
    name: 'local and managed gateways',
    asked:
      /\b(?:local(?:ly)?|managed|hosted|self-?host\w*)\b|\b(?:in|on) (?:the|your|our) cloud\b|\bmy (?:own )?(?:computer|machine|laptop|mac|pc|server|hardware)\b|\b(?:install|set ?up) openclaw\b/i,
    answer: () =>
      'A **managed** gateway is started and kept by this service: press Provision, sign the decision, and it says hello when it is ready. A **local** one runs on your computer: you keep the machine, the files and the model keys.',
    more: () =>
      'To run OpenClaw on your computer (Node 24.16 or newer):\n1. `npx openclaw@latest`, and choose Quick start.\n2. `openclaw gateway install` keeps it running in the background.\n3. `openclaw gateway status` should say that it listens on port 18789.',
  },
  {
    name: 'deleting a gateway',
    asked:
      /\b(?:delete|remove|erase|destroy|tear ?down|get rid of|shut ?down)\b.*\b(?:gateways?|instances?|openclaw|it|this|account|data|everything|chats?)\b|^(?:how (?:do|can) i )?delete\b/i,
    answer: () =>
      'Choose Delete on the gateway and sign the decision. The gateway stops at once; its process, port, files, sessions and tokens are gone, and nothing starts it again. This cannot be undone. From outside it is the job `instance.delete`.',
    more: () =>
      'Events that are on the relay already stay there, readable for you and the service alone. Your relay client can ask for their deletion (NIP-09).',
  },
  {
    name: 'decisions',
    asked: /\b(?:approv(?:e|es|ed|al|als)|decisions?|consent|permissions?|5783|6783)\b/i,
    answer: () =>
      'What costs or destroys something waits for a decision. The service asks (kind 5783) and you answer with a signed event (6783) that is bound to exactly this action by its hash. It is valid once and for a short time, the first deny wins, and work goes on by itself after an approval. No model can decide for you.',
    more: () =>
      `These jobs need one: ${callableJobs
        .filter((job) => job.consent === 'decision')
        .map((job) => `\`${job.name}\` (“${job.question}”)`)
        .join(', ')}.`,
  },
  {
    name: 'agents and SKILL.md',
    asked: /\bskill\.md\b|\bagents?\b|\b(?:curl|http api|rest api|sdk)\b|\b(?:an?|the|your) api\b/i,
    answer: () =>
      'An agent needs no page: it reads `/SKILL.md`, finds the relay in `/.well-known/openagents.json`, signs in with its own key (NIP-42), and sends signed jobs. `skill/examples/` has complete agents in about 20 lines, for nostr-tools and for NDK.',
    more: () =>
      'The service announces its jobs with NIP-89. A job is one signed event; feedback, streamed text and the result come back on the same subscription.',
  },
  {
    name: 'jobs',
    asked: /\bjobs?\b|\b(?:event|job) kinds?\b|\bkinds? \d|\bdvm\b|\bnip-?90\b|\b[567]7\d\d\b|\b5050\b/i,
    answer: () => `Everything is asked for by a signed job event. These are the jobs:\n${jobLines()}`,
    more: () =>
      'Feedback is kind 7000, streamed text travels on the ephemeral kind 20000 above the request, and each accepted job ends with exactly one result or error. The profile is in `nips/openclaw-jobs.md`.',
  },
  {
    name: 'the relay and Nostr clients',
    asked:
      /\b(?:relays?|nostr|damus|amethyst|primal|coracle|nak|ndk|nostr-tools|websocket|nip-?\d+)\b|\bother clients?\b/i,
    answer: () =>
      'The relay is the only bus and the only queue here: pages, agents and the service meet on it by signed Nostr events. It listens at the address of this site, so any Nostr client can use it; private kinds are shown only to their author and the people they name, after signing in (NIP-42).',
    more: () =>
      'The address is in `/.well-known/openagents.json`, and the relay describes itself by NIP-11. The community feed on the right is kind 1 and 1111 of the same relay.',
  },
  {
    name: 'privacy',
    asked:
      /\b(?:priva\w+|encrypt\w*|confidential)\b|\bwho (?:can|could) (?:read|see)\b|\b(?:see|read) my\b|\bmy data\b|\b(?:is|are) (?:it|this|my \w+|you|openagents)\b.*\b(?:secure|safe)\b/i,
    answer: () =>
      'The page encrypts your chat for you and the service (NIP-44), and the relay shows it to nobody else. The one who runs this service can read what your gateway reads, and a connected AI provider gets your messages. I myself send nothing anywhere.',
  },
  {
    name: 'keys and backup',
    asked:
      /\b(?:my |the |a |private |secret |public )?keys?\b|\b(?:nsec|npub|ncryptsec|passphrase|back ?ups?|log ?in|sign ?in|nip-?07|nip-?49)\b|\bmy (?:account|password)\b/i,
    answer: () =>
      'Your key is who you are here. On the first visit the page makes one, or uses your extension (NIP-07). A key made here stays in this browser: save the encrypted backup (NIP-49) and its passphrase, because nobody can restore it for you.',
  },
  {
    name: 'what I cannot do',
    asked:
      /\b(?:what|which|things?)\b.*\bcan(?:['’]?t|not| not)\b|\b(?:can you|you can|you are|are you) not (?:do|able)\b|\byou(?: can(?:['’]?t|not)|r (?:limits?|limitations?))\b|\blimitations\b/i,
    answer: () =>
      'I cannot think, write, translate, search, or use tools and files, and I know nothing of the world but what is said here. I remember this conversation only. For all of that, connect a real model.',
    more: () => CONNECT,
  },
  {
    name: 'cost',
    asked:
      /\bpric(?:e|es|ing)\b|\bhow much\b.*\b(?:costs?|pay)\b|\bcosts? (?:me|anything|money)\b|\bwhat (?:do|does) (?:it|this|you|openagents|a gateway)\b.*\bcost\b|\b(?:is|are) (?:it|this|you|openagents) free\b/i,
    answer: () =>
      'OpenAgents is free software (MIT), and I cost nothing. With a connected AI provider you pay that provider, by the tokens it counts.',
  },
  {
    name: 'memory',
    asked: /\b(?:remember|memory|forget|context|threads?|sessions?)\b/i,
    answer: () =>
      'OpenClaw keeps the conversation of a thread in a session of your gateway and gives me all of it each turn. So I know what was said in this thread, and nothing of other threads.',
  },
  {
    name: 'OpenClaw',
    asked: /\bopen ?claw\b|\bgateways?\b/i,
    answer: () =>
      'OpenClaw is an assistant that runs as a gateway: it keeps sessions and files, uses tools, and asks a model. Each gateway here is a real OpenClaw of its own; a cold start takes some ten seconds, and it is called ready only after one real token came through the whole chain.',
    more: () =>
      'What its sandbox keeps from it depends on the machine; the start screen and `npm run doctor` say what holds here. Its only way to a model is a proxy in the broker, with a token of its own that can be taken back. So no provider key is inside the gateway.',
  },
  {
    name: 'what I can do',
    asked:
      /\bwhat (?:all )?(?:can|could|do) (?:you|i)\b|\bhelp\b|\bhow (?:do|does|can) (?:this|it|you|i) (?:work|use|start|begin)\b|\bfeatures?\b|\bwhat(?:['’]s| is) possible\b|\bcommands?\b/i,
    answer: () =>
      `Without an AI I can do this:\n- tell you about ${topics
        .slice(2, 11)
        .map(({ name }) => name)
        .join(
          ', ',
        )}\n- keep in mind what you say in this conversation: your name, or “remember that …”\n- count (“count to 200”), do sums (“what is 17 * 23”), turn text around\n\nWith a real model connected, this gateway is a full OpenClaw.`,
    more: () => CONNECT,
  },
  {
    name: 'OpenAgents',
    asked:
      /\bopen ?agents?\b|\bwhat is this\b|\bthis (?:site|page|app|product|project|thing|place|service)\b|\bhatchery\b/i,
    answer: () =>
      'OpenAgents gives you an OpenClaw gateway of your own, reached over a Nostr relay. You ask by signed events, decide about what matters with your key, and every page, agent or Nostr client can do the same.',
    more: () =>
      `The parts: a relay (the only bus), a worker that does the jobs, a broker that holds secrets and sandboxes, and this page.\n\n${jobLines()}`,
  },
]

const topicOf = (text: string): Topic | undefined => topics.find(({ asked }) => asked.test(text))

/** Questions about OpenAgents. */
export const knowledge: Rule = ({ text }) => topicOf(text)?.answer()

const MORE =
  /^(?:please |and |ok,? |yes,? )*(?:tell me |say |give me |any |some )?(?:more|details|go on|continue|how(?: (?:do i do that|exactly|so|does that work))?|explain(?: that)?|elaborate)(?: (?:about (?:that|it|this)|details|please))*[.!?]*$/i

/** `Tell me more` goes on with the last topic that was asked for. */
export const moreAbout: Rule = ({ text, before }: Ask) => {
  if (!MORE.test(text)) return undefined
  const asked = before.toReversed().filter(({ by, text: said }) => by === 'person' && !MORE.test(said))
  const topic = asked.map((turn) => topicOf(turn.text)).find((found) => found !== undefined)
  if (topic === undefined) return 'About what? I know about OpenAgents itself; ask me “What can you do?”.'
  return topic.more?.() ?? `That is all I know about ${topic.name}.`
}

const STATEMENT = /^(?:i|we|my|our|it|this|that|he|she|they|there|the|today|yesterday)\b[^?]*$/i

/** What is told and not asked needs no answer, but to be heard. */
export const remark: Rule = ({ text }) =>
  STATEMENT.test(text)
    ? 'I have read that, and it stays in this conversation. As the offline model I have nothing to add; ask me “What did I say about …?” when you want it back.'
    : undefined

/** The honest answer to all else. */
export const unknown = (): string =>
  `I am the offline model, so I cannot answer that: no AI is connected. ${CONNECT}\n\nAbout OpenAgents itself I know my way around; ask me “What can you do?”.`
