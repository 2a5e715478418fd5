export { type ReceiptOptions, type ReceiptRecord, type ReceiptReport, checkReceipt } from './audit/receipt-check.ts'
