package io.idempotency.gauntlet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.InternalResourceView;

/**
 * The handlers that answer on the thread that called them.
 */
@Controller
@RequestMapping("/h")
class Handlers {

	private final Ledger ledger;

	Handlers(Ledger ledger) {
		this.ledger = ledger;
	}

	@PostMapping("/object")
	@ResponseBody
	Map<String, Object> object(@RequestBody Map<String, Object> body) {
		this.ledger.charge();
		return Map.of("name", "Müller", "amount", body.getOrDefault("amount", "none"));
	}

	@PostMapping("/entity")
	ResponseEntity<Map<String, Object>> entity() {
		this.ledger.charge();
		return ResponseEntity.status(201)
			.header("Location", "/h/entity/1")
			.eTag("\"v1\"")
			.header("X-Many", "one", "two")
			.body(Map.of("id", 1));
	}

	@PostMapping("/no-content")
	ResponseEntity<Void> noContent() {
		this.ledger.charge();
		return ResponseEntity.noContent().build();
	}

	@PostMapping("/nothing")
	@ResponseBody
	@Nullable Object nothing() {
		this.ledger.charge();
		return null;
	}

	@PostMapping("/bytes")
	ResponseEntity<byte[]> bytes() {
		this.ledger.charge();
		return ResponseEntity.ok().contentType(MediaType.APPLICATION_PDF).body(everyByte());
	}

	@PostMapping("/string")
	@ResponseBody
	String string() {
		this.ledger.charge();
		return "Grüße";
	}

	/**
	 * More than the buffers of the containers hold.
	 */
	@PostMapping("/long")
	@ResponseBody
	String longString() {
		this.ledger.charge();
		return "0123456789".repeat(10_000);
	}

	@PostMapping("/too-long")
	@ResponseBody
	String tooLong() {
		this.ledger.charge();
		return "0123456789".repeat(200_000);
	}

	@PostMapping("/view")
	String view(Model model) {
		this.ledger.charge();
		model.addAttribute("greeting", "Grüße");
		return "gauntlet/view";
	}

	@PostMapping("/jsp-view")
	ModelAndView jspView() {
		this.ledger.charge();
		return new ModelAndView(new InternalResourceView("/jsp/page"), Map.of("greeting", "Hello"));
	}

	@PostMapping("/redirect")
	String redirect() {
		this.ledger.charge();
		return "redirect:/h/other?a=b";
	}

	@PostMapping("/forward-view")
	String forwardView() {
		this.ledger.charge();
		return "forward:/h/forwarded";
	}

	@RequestMapping("/forwarded")
	@ResponseBody
	Map<String, Object> forwarded() {
		return Map.of("forwarded", true);
	}

	@PostMapping("/forward")
	void forward(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		this.ledger.charge();
		request.getRequestDispatcher("/jsp/page").forward(request, response);
	}

	@PostMapping("/forward-to-controller")
	void forwardToController(HttpServletRequest request, HttpServletResponse response)
			throws ServletException, IOException {
		this.ledger.charge();
		request.getRequestDispatcher("/h/forwarded").forward(request, response);
	}

	@PostMapping("/context-forward")
	void contextForward(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		this.ledger.charge();
		request.getServletContext().getRequestDispatcher("/jsp/page").forward(request, response);
	}

	@PostMapping("/include")
	void include(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		this.ledger.charge();
		response.setContentType("text/plain;charset=UTF-8");
		response.getWriter().write("before ");
		request.getRequestDispatcher("/jsp/page").include(request, response);
		response.getWriter().write(" after");
	}

	@PostMapping("/context-include")
	void contextInclude(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
		this.ledger.charge();
		response.setContentType("text/plain;charset=UTF-8");
		request.getServletContext().getRequestDispatcher("/jsp/page").include(request, response);
	}

	@PostMapping("/stream")
	void stream(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.setContentType("image/png");
		response.getOutputStream().write(everyByte());
	}

	@PostMapping("/flushed-stream")
	void flushedStream(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.setContentType("text/plain");
		response.getOutputStream().print("one");
		response.flushBuffer();
		response.getOutputStream().print("two");
	}

	@PostMapping("/writer")
	void writer(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.setContentType("text/plain;charset=UTF-8");
		response.getWriter().printf("%s and %s", "Müller", "€");
	}

	@PostMapping("/closed-writer")
	void closedWriter(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.setContentType("text/plain;charset=UTF-8");
		response.getWriter().write("closed");
		response.getWriter().close();
	}

	@PostMapping("/send-redirect")
	void sendRedirect(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.sendRedirect("/h/other");
	}

	@PostMapping("/session")
	@ResponseBody
	String session(HttpServletRequest request) {
		this.ledger.charge();
		request.getSession().setAttribute("charged", true);
		return "in a session";
	}

	@PostMapping("/form")
	@ResponseBody
	String form(@RequestParam String amount, HttpServletRequest request) {
		this.ledger.charge();
		return amount + " of " + request.getParameterMap().keySet();
	}

	@PostMapping("/raw-form")
	@ResponseBody
	String rawForm(HttpServletRequest request) throws IOException {
		this.ledger.charge();
		return new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
	}

	@PostMapping("/upload")
	@ResponseBody
	String upload(@RequestParam MultipartFile file, @RequestParam String amount) throws IOException {
		this.ledger.charge();
		return amount + " for " + new String(file.getBytes(), StandardCharsets.UTF_8);
	}

	@PatchMapping("/patch-form")
	@ResponseBody
	String patchForm(@RequestParam String amount) {
		this.ledger.charge();
		return "patched to " + amount;
	}

	@PostMapping("/declined")
	ResponseEntity<Map<String, Object>> declined() {
		this.ledger.charge();
		return ResponseEntity.status(402).body(Map.of("declined", true));
	}

	@PostMapping("/send-error")
	void sendError(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.sendError(409, "Taken");
	}

	@PostMapping("/throw")
	String throwing() {
		this.ledger.charge();
		throw new IllegalStateException("The handler fails");
	}

	@PostMapping("/throw-error")
	String throwingError() {
		this.ledger.charge();
		throw new AssertionError("The handler fails badly");
	}

	@PostMapping("/throw-after-writing")
	void throwingAfterWriting(HttpServletResponse response) throws IOException {
		this.ledger.charge();
		response.setContentType("text/plain;charset=UTF-8");
		response.getWriter().write("half");
		throw new IOException("The handler fails half-way");
	}

	@PostMapping("/throw-handled")
	String throwingHandled() {
		this.ledger.charge();
		throw new IllegalArgumentException("The handler refuses");
	}

	@ExceptionHandler
	ResponseEntity<Map<String, Object>> handle(IllegalArgumentException ex) {
		return ResponseEntity.status(409).body(Map.of("refused", true));
	}

	@PostMapping("/throw-status")
	String throwingStatus() {
		this.ledger.charge();
		throw new ResponseStatusException(HttpStatus.CONFLICT, "Taken");
	}

	@PostMapping("/throw-annotated")
	String throwingAnnotated() {
		this.ledger.charge();
		throw new PaymentRequired();
	}

	/**
	 * Its answer has no form but JSON, which a client may not want.
	 */
	@PostMapping("/not-acceptable")
	@ResponseBody
	Map<String, Object> notAcceptable() {
		this.ledger.charge();
		return Map.of("paid", true);
	}

	@PostMapping("/broken-getter")
	@ResponseBody
	Broken brokenGetter() {
		this.ledger.charge();
		return new Broken();
	}

	@PostMapping("/no-converter")
	ResponseEntity<Object> noConverter() {
		this.ledger.charge();
		return ResponseEntity.ok().contentType(MediaType.IMAGE_PNG).body(Map.of("no", "picture"));
	}

	@PostMapping("/missing-view")
	String missingView() {
		this.ledger.charge();
		return "gauntlet/missing";
	}

	@PostMapping("/failing-view")
	String failingView(Model model) {
		this.ledger.charge();
		model.addAttribute("broken", new Broken());
		return "gauntlet/failing";
	}

	@PostMapping("/failing-jsp")
	ModelAndView failingJsp() {
		this.ledger.charge();
		return new ModelAndView(new InternalResourceView("/jsp/failing"));
	}

	@PostMapping("/failing-post-handle")
	String failingPostHandle(Model model) {
		return view(model);
	}

	/**
	 * Its answers are told apart before it runs.
	 */
	@PostMapping(path = "/produces", produces = "application/json")
	@ResponseBody
	Map<String, Object> producing() {
		this.ledger.charge();
		return Map.of("paid", true);
	}

	@PostMapping("/unreadable")
	@ResponseBody
	Map<String, Object> unreadable(@RequestBody List<Integer> numbers) {
		this.ledger.charge();
		return Map.of("numbers", numbers);
	}

	@PostMapping("/missing-parameter")
	@ResponseBody
	String missingParameter(@RequestParam String required) {
		this.ledger.charge();
		return required;
	}

	@PostMapping("/failing-pre-handle")
	@ResponseBody
	String failingPreHandle() {
		this.ledger.charge();
		return "reached";
	}

	static byte[] everyByte() {
		byte[] bytes = new byte[256];
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (byte) i;
		}
		return bytes;
	}

	/**
	 * What no serializer and no template can read.
	 */
	static class Broken {

		public String getName() {
			return "name";
		}

		public String getValue() {
			throw new IllegalStateException("The getter fails");
		}

	}

	@ResponseStatus(HttpStatus.PAYMENT_REQUIRED)
	static class PaymentRequired extends RuntimeException {

	}

}
