package io.idempotency.web.servlet;

import io.idempotency.step.StepRules;
import io.idempotency.web.gate.StorageRules;

/**
 * The settings for the run of a handler.
 *
 * @param storage which responses are stored, and which parts of them
 * @param longestStored the longest body that is stored, in bytes
 * @param steps how steps are stored
 */
record RunRules(StorageRules storage, long longestStored, StepRules steps) {

}
