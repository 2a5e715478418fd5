export type { ChainHead, ChainStore, RecordPage, StoredRecord, StoredValue, ValuePage } from './chain-store.ts'
export { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
export { noteKeys, openCheckpoint } from './checkpoint-note.ts'
export { type Commitment, DIGEST_PATH, PLAN_PATH, argumentName, keeps } from './commitment.ts'
export { decodeBody } from './decode-body.ts'
export { type Verifier, ed25519Signer, ed25519Verifier } from '../kernel/ed25519.ts'
export type { Truncated } from './fit-body.ts'
export { type HeadRecord, checkHead, headRecord, parseHead, readHead } from './head-file.ts'
export type { HeadSink, SinkMode } from './head-sink.ts'
export {
  type FileSinkOptions,
  type HttpSinkOptions,
  type LineSinkOptions,
  fileSink,
  httpSink,
  lineSink,
} from './head-sinks.ts'
export type { Inspection, Inspector, RecordFault } from './inspector.ts'
export { type MadeReceipt, type ReceiptSource, makeReceipt } from './make-receipt.ts'
export { type KeyFileOptions, ensureKey, keyPath, readKey } from './key-file.ts'
export { type LocalHead, localHeads } from './local-heads.ts'
export { KEY_FILE_VARIABLE, type Places, configFolder, headPath, places, stateFolder } from './places.ts'
export type {
  DecisionDraft,
  HeadAdoptedDraft,
  LossAcceptedDraft,
  OpenedDraft,
  OutcomeDraft,
  RecordDraft,
  RecordedCharge,
  RejectedEvent,
  RememberedTrail,
  StatementDraft,
  UngatedDraft,
} from './record-draft.ts'
export type {
  ChargeBody,
  CommonBody,
  Cuttable,
  DecisionBody,
  HeadAdoptedBody,
  LossAcceptedBody,
  OpenedBody,
  OutcomeBody,
  RecordBody,
  RecordedEvent,
  RecordedRejection,
  StatementBody,
  UngatedBody,
} from './record-body.ts'
export { type SealRequest, type Sealed, genesisHead, seal } from './seal.ts'
export { type Receipt, formatJsonReceipt, formatReceipt } from './receipt-format.ts'
export type { Signer } from '../kernel/signer.ts'
export { type Trust, type TrustRole, parseTrust, pinKey, readTrust } from './trust.ts'
export {
  type BadRecord,
  type ChainReport,
  type StoreReport,
  VERIFY_EXIT_CODES,
  type VerifyExitCode,
  type VerifyProgress,
  type VerifyReport,
  type VerifyStatus,
} from './verify-report.ts'
export { type VerifyOptions, verifyChain, verifyStore } from './verify.ts'
export { type Vkey, formatVkey, parseVkey } from '../kernel/vkey.ts'
export { DEFAULT_WRITER, type WriterKey, openWriterKey } from './writer-key.ts'
