package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.List;
import java.util.Map;

import io.idempotency.web.gate.Hold;
import io.idempotency.web.gate.ResponseSnapshot;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * A response that holds its body back until its record is settled. Until then, nothing
 * reaches the client, not even by a flush, a redirect, an error or the end of a forward.
 * Its stream and writer check the state on each call.
 */
final class CapturingResponse extends EncodedResponse {

	private final ResponseBody body = new ResponseBody();

	private State state = State.PASSING;

	private Hold hold = Hold.nothing();

	private BodyObserver observer = BodyObserver.NONE;

	private final Flushes flushes = new Flushes();

	private @Nullable Redirect redirect;

	CapturingResponse(HttpServletResponse response) {
		super(response);
	}

	private enum State {

		/** What is written goes to the client. */
		PASSING,

		/** What is written is held. */
		HOLDING,

		/** The response is complete and held. What is written or set now is ignored. */
		CLOSED,

		/** The container will write an error page. */
		ERROR

	}

	/**
	 * Holds the body from now on. The observer is told if the body is let through.
	 */
	void capture(Hold hold, BodyObserver observer) {
		this.state = State.HOLDING;
		this.hold = hold;
		this.observer = observer;
	}

	void holdNoBody() {
		this.hold = Hold.noBody();
	}

	/**
	 * Continues in another response, which may be a wrapper of this one.
	 * @param anew whether it is a new answer; otherwise, a body that was let through is
	 * still let through
	 */
	CapturingResponse continueIn(HttpServletResponse response, Hold hold, BodyObserver observer, boolean anew) {
		CapturingResponse further = new CapturingResponse(response);
		further.capture(hold, observer);
		further.takeOver(this);
		flushWriter();
		this.body.moveTo(further.body);
		further.state = (anew || this.state != State.PASSING) ? State.HOLDING : State.PASSING;
		leaveToOthers();
		this.state = State.PASSING;
		return further;
	}

	boolean isCaptured() {
		return this.state == State.HOLDING || this.state == State.CLOSED;
	}

	boolean isError() {
		return this.state == State.ERROR;
	}

	ResponseSnapshot snapshot() {
		flushWriter();
		Map<String, List<String>> headers = headers();
		addLocaleTo(headers);
		return new ResponseSnapshot(getStatus(), headers, getContentType(), this.body.toArray(), this.redirect != null);
	}

	/**
	 * Sends what is held, and lets through everything that follows.
	 */
	void send() throws IOException {
		flushWriter();
		boolean wasCaptured = isCaptured();
		this.state = State.PASSING;
		if (wasCaptured && this.redirect == null) {
			sendLength(declaredLength());
		}
		sendBody();
		if (wasCaptured && this.redirect != null) {
			passRedirect(this.redirect);
		}
		else if (wasCaptured) {
			this.flushes.repeat(this::container, super::flushBuffer);
		}
	}

	/**
	 * Drops what is held, because something else will write the response.
	 */
	void discard() {
		flushWriter();
		this.body.clear();
		this.state = State.PASSING;
	}

	/**
	 * Drops the whole response, so that another one can be held.
	 * @param headersBefore the headers that the new response begins with
	 */
	void withdraw(Map<String, List<String>> headersBefore) {
		flushWriter();
		this.state = State.HOLDING;
		this.redirect = null;
		reset();
		headersBefore.forEach((name, values) -> values.forEach((value) -> addHeader(name, value)));
	}

	/**
	 * Ends a forward, after which nothing more is written to the response (Servlet 6.1,
	 * section 9.4).
	 */
	void closeAfterForward() {
		if (isCaptured()) {
			flushWriter();
			this.state = State.CLOSED;
			hideFromContainer();
		}
	}

	private void sendBody() throws IOException {
		if (this.body.size() > 0) {
			this.body.sendTo(container());
		}
	}

	@Override
	void write(byte[] bytes, int offset, int length) throws IOException {
		if (this.state == State.HOLDING && (this.hold.letsThrough((long) this.body.size() + length) || isStream())) {
			letThrough();
		}
		if (this.state == State.HOLDING) {
			this.body.add(bytes, offset, length, declaredLength(), this.hold);
		}
		else if (this.state == State.PASSING && length > 0 && this.observer.keepsLastByte()) {
			this.body.pass(bytes, offset, length, container());
		}
		else if (this.state == State.PASSING) {
			sendBody();
			container().write(bytes, offset, length);
		}
	}

	@Override
	void letThrough() throws IOException {
		if (isCaptured()) {
			this.observer.beforeFirstByte(this);
			this.state = State.PASSING;
			sendLength(declaredLength());
			if (!this.observer.keepsLastByte()) {
				sendBody();
			}
		}
	}

	private boolean isStream() {
		return this.body.size() == 0 && this.hold.letsStreamsThrough() && StreamedTypes.includes(getContentType());
	}

	@Override
	void flushBody() throws IOException {
		this.flushes.ofStream();
		if (this.state == State.PASSING) {
			container().flush();
		}
	}

	@Override
	void closeBody() throws IOException {
		this.flushes.ofClose();
		if (this.state == State.HOLDING) {
			this.state = State.CLOSED;
		}
		else if (this.state == State.PASSING) {
			container().close();
		}
	}

	@Override
	boolean holdsLength() {
		return this.state == State.HOLDING;
	}

	@Override
	boolean isComplete() {
		return this.state == State.CLOSED;
	}

	@Override
	public void sendError(int status) throws IOException {
		dropForError();
		super.sendError(status);
	}

	@Override
	public void sendError(int status, @Nullable String message) throws IOException {
		dropForError();
		super.sendError(status, message);
	}

	private void dropForError() {
		if (isCaptured()) {
			requireOpen();
			resetBuffer();
			this.state = State.ERROR;
		}
	}

	@Override
	void redirect(Redirect redirect) throws IOException {
		if (!isCaptured()) {
			passRedirect(redirect);
			return;
		}
		requireOpen();
		if (redirect.clearBuffer()) {
			resetBuffer();
		}
		setStatus(redirect.status());
		setHeader(HttpHeaders.LOCATION, redirect.location());
		flushWriter();
		this.redirect = redirect;
		this.state = State.CLOSED;
	}

	private void requireOpen() {
		if (this.state == State.CLOSED) {
			throw new IllegalStateException("The response is complete already");
		}
	}

	@Override
	public void flushBuffer() throws IOException {
		this.flushes.ofResponse();
		flushWriter();
		if (this.state == State.HOLDING && (this.hold.isNothing() || isStream())) {
			letThrough();
		}
		if (this.state == State.PASSING) {
			super.flushBuffer();
		}
	}

	@Override
	public boolean isCommitted() {
		return this.state == State.CLOSED || super.isCommitted();
	}

	@Override
	public void resetBuffer() {
		dropBody();
		super.resetBuffer();
	}

	@Override
	public void reset() {
		dropBody();
		this.flushes.clear();
		super.reset();
	}

	private void dropBody() {
		if (isCaptured()) {
			requireOpen();
			flushWriter();
			this.body.clear();
		}
	}

}
