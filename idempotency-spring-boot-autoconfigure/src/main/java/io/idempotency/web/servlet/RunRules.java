package io.idempotency.web.servlet;

import io.idempotency.web.gate.StorageRules;

/**
 * What the properties say of responses.
 *
 * @param storage which are stored, and what of them
 * @param longestStored the longest body that is stored, in bytes
 */
record RunRules(StorageRules storage, long longestStored) {

}
