"""What training and processing jobs share.

machine        a folder as /opt/ml, a process, a log stream, and a volume
run            the processes of all machines of a job, from their start to their end
cluster        the names and addresses of the machines
volume         the storage of a machine
uploads        a folder that is copied to S3, at once or while the job runs
"""
