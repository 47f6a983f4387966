/**
 * The front end for Spring MVC: applies the decisions of the gate to requests, holds
 * responses back until their record is settled, and replays them.
 */
@NullMarked
package io.idempotency.web.servlet;

import org.jspecify.annotations.NullMarked;
