package io.idempotency.sample;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

import io.idempotency.web.IdempotencyException;
import io.idempotency.web.IdempotencyException.Reason;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.validation.BindingResult;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.ModelAndView;

/**
 * Serves the checkout page, where one can pay in a browser. The form has an idempotency
 * key without any code here.
 */
@Controller
class CheckoutController {

	private static final int PAYMENTS_SHOWN = 30;

	private final PaymentService payments;

	CheckoutController(PaymentService payments) {
		this.payments = payments;
	}

	@GetMapping("/checkout")
	String form(PaymentRequest request) {
		return "checkout";
	}

	/**
	 * Pays. An invalid form is answered with a status that is not stored, so its key can
	 * be used again.
	 */
	@PostMapping("/checkout")
	ModelAndView pay(@Valid PaymentRequest request, BindingResult errors) {
		if (errors.hasErrors()) {
			return new ModelAndView("checkout", HttpStatus.UNPROCESSABLE_CONTENT);
		}
		return new ModelAndView("redirect:/receipts/" + this.payments.pay(request).id());
	}

	@GetMapping("/receipts/{id}")
	String receipt(@PathVariable UUID id, Model model) {
		model.addAttribute("payment", this.payments.find(id));
		model.addAttribute("ledger", this.payments.newestFirst().stream().limit(PAYMENTS_SHOWN).toList());
		return "receipt";
	}

	/**
	 * Shows a refusal as a page. Other clients receive it as a problem document.
	 */
	@ExceptionHandler(produces = MediaType.TEXT_HTML_VALUE)
	ModelAndView explain(IdempotencyException ex) {
		String explanation = switch (ex.getReason()) {
			case KEY_REUSED -> "This form was already submitted with other data. Start a new payment.";
			case KEY_MISSING, KEY_INVALID -> "This form is not complete. Start a new payment.";
			case RESPONSE_NOT_STORED -> "This payment was already made. See what was charged.";
			case OUTCOME_UNKNOWN -> "It is not known whether this payment was made. See what was charged.";
			default -> "It is not known yet whether this payment will be made. Reload this page to ask again: "
					+ "the form is charged once, however often it is sent.";
		};
		boolean anew = Set.of(Reason.KEY_REUSED, Reason.KEY_MISSING, Reason.KEY_INVALID).contains(ex.getReason());
		return new ModelAndView("refused", Map.of("anew", anew, "explanation", explanation), ex.getStatusCode());
	}

	@ExceptionHandler(exception = { PaymentException.class, MethodArgumentTypeMismatchException.class },
			produces = MediaType.TEXT_HTML_VALUE)
	ModelAndView explainMissingReceipt() {
		return new ModelAndView("error", Map.of("status", HttpStatus.NOT_FOUND.value(), "receipt", true),
				HttpStatus.NOT_FOUND);
	}

}
