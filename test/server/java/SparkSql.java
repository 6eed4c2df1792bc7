import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.SparkSession;

/** Runs each line of standard input as a statement of Spark SQL. Answers it with a line each row, as JSON, then one that says "ok" or why not. */
public class SparkSql {
  public static void main(String[] args) throws IOException {
    SparkSession spark = SparkSession.builder().getOrCreate();
    BufferedReader statements = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String statement = statements.readLine(); statement != null; statement = statements.readLine()) {
      try {
        for (String row : spark.sql(statement).toJSON().collectAsList()) System.out.println("row " + row);
        System.out.println("ok");
      } catch (Exception error) {
        System.out.println("failed " + String.valueOf(error.getMessage()).replace('\n', ' '));
      }
    }
    spark.stop();
  }
}
