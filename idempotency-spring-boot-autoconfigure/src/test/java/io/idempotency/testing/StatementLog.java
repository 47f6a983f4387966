package io.idempotency.testing;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Notes the statements that each thread sends through a data source, before they are
 * executed.
 */
public final class StatementLog extends DelegatingDataSource {

	private final Map<Thread, List<String>> statements = new ConcurrentHashMap<>();

	private final Map<Thread, Integer> connections = new ConcurrentHashMap<>();

	/**
	 * Creates a log.
	 * @param target the data source
	 */
	public StatementLog(DataSource target) {
		super(target);
	}

	/**
	 * Returns the statements of a thread so far.
	 */
	public List<String> of(Thread thread) {
		return List.copyOf(this.statements.getOrDefault(thread, List.of()));
	}

	/**
	 * Returns the statements that an action sends on the calling thread.
	 */
	public List<String> during(Runnable action) {
		int before = of(Thread.currentThread()).size();
		action.run();
		List<String> all = of(Thread.currentThread());
		return new ArrayList<>(all.subList(before, all.size()));
	}

	/**
	 * Returns how many connections an action takes on the calling thread.
	 */
	public int connectionsDuring(Runnable action) {
		int before = this.connections.getOrDefault(Thread.currentThread(), 0);
		action.run();
		return this.connections.getOrDefault(Thread.currentThread(), 0) - before;
	}

	@Override
	public Connection getConnection() throws SQLException {
		this.connections.merge(Thread.currentThread(), 1, Integer::sum);
		Connection connection = super.getConnection();
		return proxy(Connection.class, connection, null);
	}

	private <T> T proxy(Class<T> type, T target, @Nullable String sql) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (self, method, args) -> {
				String name = method.getName();
				if (name.equals("equals")) {
					return args != null && self == args[0];
				}
				if (name.startsWith("execute") || name.equals("setSavepoint")) {
					note((args != null && args.length > 0) ? String.valueOf(args[0]) : (sql != null) ? sql : name);
				}
				Object answer;
				try {
					answer = method.invoke(target, args);
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
				if (answer instanceof Statement statement && method.getReturnType().getName().endsWith("Statement")) {
					String prepared = (args != null && args.length > 0) ? String.valueOf(args[0]) : null;
					@SuppressWarnings("unchecked")
					Class<Statement> returned = (Class<Statement>) method.getReturnType();
					return proxy(returned, statement, prepared);
				}
				return answer;
			}));
	}

	private void note(String sql) {
		this.statements.computeIfAbsent(Thread.currentThread(), (thread) -> new CopyOnWriteArrayList<>()).add(sql);
	}

}
