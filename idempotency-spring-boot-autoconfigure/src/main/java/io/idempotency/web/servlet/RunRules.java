package io.idempotency.web.servlet;

import io.idempotency.step.StepRules;
import io.idempotency.web.gate.StorageRules;

/**
 * What the properties say of responses.
 *
 * @param storage which are stored, and what of them
 * @param longestStored the longest body that is stored, in bytes
 * @param steps how steps are kept
 */
record RunRules(StorageRules storage, long longestStored, StepRules steps) {

}
