package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;

import jakarta.servlet.http.Part;
import org.jspecify.annotations.Nullable;

/**
 * A part of a multipart body that only the container can delete.
 *
 * @param part the container's part
 */
record KeptPart(Part part) implements Part {

	@Override
	public InputStream getInputStream() throws IOException {
		return this.part.getInputStream();
	}

	@Override
	public @Nullable String getContentType() {
		return this.part.getContentType();
	}

	@Override
	public String getName() {
		return this.part.getName();
	}

	@Override
	public @Nullable String getSubmittedFileName() {
		return this.part.getSubmittedFileName();
	}

	@Override
	public long getSize() {
		return this.part.getSize();
	}

	@Override
	public void write(String fileName) throws IOException {
		this.part.write(fileName);
	}

	@Override
	public void delete() {
	}

	@Override
	public @Nullable String getHeader(String name) {
		return this.part.getHeader(name);
	}

	@Override
	public Collection<String> getHeaders(String name) {
		return this.part.getHeaders(name);
	}

	@Override
	public Collection<String> getHeaderNames() {
		return this.part.getHeaderNames();
	}

}
