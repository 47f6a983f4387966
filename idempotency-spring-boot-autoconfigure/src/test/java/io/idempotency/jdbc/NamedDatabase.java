package io.idempotency.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A data source whose connections say that their database is another product.
 */
final class NamedDatabase extends DelegatingDataSource {

	private final String productName;

	NamedDatabase(DataSource dataSource, String productName) {
		super(dataSource);
		this.productName = productName;
	}

	@Override
	public Connection getConnection() throws SQLException {
		Connection connection = super.getConnection();
		return proxy(Connection.class, connection, "getMetaData",
				proxy(DatabaseMetaData.class, connection.getMetaData(), "getDatabaseProductName", this.productName));
	}

	private static <T> T proxy(Class<T> type, T target, String method, Object answer) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, called, arguments) -> {
				try {
					return called.getName().equals(method) ? answer : called.invoke(target, arguments);
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
			}));
	}

}
